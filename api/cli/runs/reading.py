"""What `awe runs` reads: the log and the read models of the installation that the settings name."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.bootstrap import event_store
from awe.api.cli import output
from awe.api.cli.output import Ink, paint
from awe.api.cli.plain import plain
from awe.api.reading.sources import Sources
from awe.api.reading.untouched import untouched
from awe.api.settings import Settings

_STATEMENT_S: Final = 10.0


@asynccontextmanager
async def sources(settings: Settings) -> AsyncGenerator[Sources]:
    """Open both for as long as the block lasts; as for `event_store`."""
    async with event_store(settings) as store:
        reads = OwnedConnection(store.servers.postgres_url, "cli", statement_timeout_s=_STATEMENT_S)
        try:
            yield Sources(store.logs, reads, partial(untouched, store.client, reads))
        finally:
            await reads.aclose()


def tell_stale(why: str) -> None:
    """Say that something shown may be old; nothing where nothing is."""
    if why:
        output.note(f"{paint('stale:', Ink.YELLOW, sys.stderr)} {plain(why)}")
