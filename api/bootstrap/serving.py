"""What the HTTP door stands on: the event store, what goals are prepared with, and connections that read."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.bootstrap.event_store import EventStore
from awe.api.bootstrap.kit import Kit
from awe.api.bootstrap.read_connections import ReadConnections
from awe.commands.log import EventLog

READERS: Final = 4
_HEALTH_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Serving:
    """`reads` answer requests; `health` is for looking at the installation, however busy those are."""

    store: EventStore
    kit: Kit
    logs: Mapping[int, EventLog]
    reads: ReadConnections
    health: OwnedConnection
    ping: Callable[[], Awaitable[Any]]


@asynccontextmanager
async def serving(store: EventStore, kit: Kit) -> AsyncGenerator[Serving]:
    """Build it; the connections are opened when they are first needed, and closed with the block."""
    url = store.servers.postgres_url
    reads = ReadConnections(url, "api", READERS)
    health = OwnedConnection(url, "health", statement_timeout_s=_HEALTH_S, use_timeout_s=_HEALTH_S)
    try:
        yield Serving(
            store,
            kit,
            {number: store.log(number) for number in range(len(store.logs))},
            reads,
            health,
            lambda: store.client.execute_command("PING"),
        )
    finally:
        await reads.aclose()
        await health.aclose()
