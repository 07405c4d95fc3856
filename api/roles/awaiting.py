"""A role that starts while a server is away waits for it, as it does later: nobody needs to start it again.

What only a person can put right ends it at once. A keeper needs both servers; the others begin without Postgres, since
work goes on without it.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final

from awe.adapters.servers.faults import ServerError
from awe.adapters.servers.postgres_facts import PostgresFacts, probe_postgres
from awe.adapters.servers.redis_facts import RedisFacts, probe_redis
from awe.api.bootstrap import EventStore
from awe.api.settings import Settings
from awe.commands.log import LogUnavailable
from awe.projections.errors import ArchiveUnavailable

_PATIENCE_S: Final = 3.0
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 10.0
_FOR_A_PERSON: Final = {"auth_failed", "no_database", "wrong_server", "wrong_url"}

_log = logging.getLogger(__name__)


async def opened(
    held: AsyncExitStack,
    opening: Callable[[], AbstractAsyncContextManager[EventStore]],
    settings: Settings,
    *,
    keeper: bool,
) -> EventStore:
    """Enter what `opening` returns, a new one for each try, once the servers are there; a signal is what bounds it.

    Raises:
        ServerError: a server refuses the user, has no such database, or is none; its URL is none.
        As for `event_store`, but for servers that are away.
    """
    pause_s = _FIRST_PAUSE_S
    while True:
        why = await asyncio.to_thread(_away, settings, keeper=keeper)
        if why is None:
            try:
                return await held.enter_async_context(opening())
            except (ArchiveUnavailable, LogUnavailable) as error:  # it went away just now
                why = str(error)
        _log.warning("waiting for a server, asked again in %g s: %s", pause_s, why)
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _away(settings: Settings, *, keeper: bool) -> str | None:
    """Why a role cannot begin yet. Embedded servers are started, not looked for."""
    why: list[str] = []
    if settings.redis_url is not None:
        # Also for the sake of clusters: a server that is away cannot say that it belongs to one.
        why += _of(probe_redis(settings.redis_url.get_secret_value(), timeout_s=_PATIENCE_S))
    if settings.postgres_url is not None:
        found = _of(probe_postgres(settings.postgres_url.get_secret_value(), timeout_s=_PATIENCE_S))
        why += found if keeper else ()
    return " ".join(why) or None


def _of(facts: RedisFacts | PostgresFacts) -> list[str]:
    if facts.reachable:
        return []
    for fault in facts.faults:
        if fault.code in _FOR_A_PERSON:
            raise ServerError(fault)
    return [fault.message for fault in facts.faults]
