"""The archive's connections for the write side, which speaks of every fault as the event log does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection

from awe.commands.log import LogUnavailable
from awe.projections.errors import ArchiveError
from awe.projections.ports import Connections


@asynccontextmanager
async def asked(connections: Connections) -> AsyncGenerator[AsyncConnection[Any]]:
    """Lend a connection for a while.

    Raises:
        LogUnavailable: on entry or, instead of the archive's error, from within.
    """
    try:
        async with connections.connection() as connection:
            yield connection
    except ArchiveError as error:
        raise LogUnavailable(f"The archive cannot be asked now: {error}") from error
