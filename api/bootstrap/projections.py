"""What those need who look after projections from the outside: Postgres, the projectors, and projection control.

On embedded servers whoever asks also keeps the log, since nobody else may be there; elsewhere a projector does.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from awe.adapters.embedded.servers import Servers, embedded_servers
from awe.adapters.postgres.connection import OwnedConnection
from awe.api.bootstrap.event_store import event_store
from awe.api.bootstrap.projector_names import load_projectors
from awe.api.reading.entries import decoded
from awe.api.settings import ServerUrl, Settings
from awe.projections import positions
from awe.projections.errors import SchemaRefused
from awe.projections.folding import Decode
from awe.projections.ports import Connections
from awe.projections.projector import Projector
from awe.projections.rebuild import pages
from awe.projections.rebuild.errors import ProjectionUnknown
from awe.projections.rebuild.rebuilding import Workplace

_STATEMENT_S = 6 * 3600.0
"""An index or a comparison of a large table takes its time, and a person can end it."""

_USE_S = 30 * 86_400.0
_PATIENCE_S = 10.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Projections:
    """The projectors of this process by name, and the ways to the servers."""

    servers: Servers
    projectors: Mapping[str, Projector]
    connections: Connections
    decode: Decode

    def projector(self, name: str) -> Projector:
        """The projector of that name.

        Raises:
            ProjectionUnknown: there is none here.
        """
        if name not in self.projectors:
            raise ProjectionUnknown(
                f"this process has no projection {name}: it has {', '.join(self.projectors)}; AWE_PROJECTIONS names others"
            )
        return self.projectors[name]

    @asynccontextmanager
    async def workplace(self, who: str, note: Callable[[str], None]) -> AsyncGenerator[Workplace]:
        """What the work on versions needs, projection control among it."""
        from awe.adapters.projection_control.application import (  # noqa: PLC0415 (dear to import, and rarely wanted)
            EventSourcedProjectionControl,
        )

        control = await asyncio.to_thread(
            EventSourcedProjectionControl,
            {
                "PERSISTENCE_MODULE": "awe.adapters.redis_streams.eventsourcing",
                "AWE_REDIS_URL": self.servers.redis_url,
            },
        )
        async with AsyncExitStack() as held:
            held.push_async_callback(asyncio.to_thread, control.close)
            url = self.servers.postgres_url
            reading = await held.enter_async_context(_connection(url, "rebuild reader"))
            locking = await held.enter_async_context(_connection(url, "rebuild lock"))
            yield Workplace(
                writing=self.connections,
                reading=reading,
                locking=locking,
                control=control,
                decode=self.decode,
                who=who,
                note=note,
            )


@asynccontextmanager
async def projections(settings: Settings) -> AsyncGenerator[Projections]:
    """Open what the settings name.

    Raises:
        ProjectorLoadError: the settings name projections that cannot be loaded.
        ServerError: a server cannot be started.
        SchemaRefused: no projector has prepared Postgres yet.
    """
    projectors = {each.name: each for each in load_projectors(settings.projections)}
    async with AsyncExitStack() as held:
        heads: Mapping[str, int] = {}
        if settings.embedded:
            store = await held.enter_async_context(event_store(settings, keeper=True))
            servers = store.servers
            heads = {name: (await log.head()).n for name, log in store.logs.items()}
        else:
            servers = await held.enter_async_context(
                embedded_servers(
                    home=settings.home,
                    redis_url=_plain(settings.redis_url),
                    postgres_url=_plain(settings.postgres_url),
                    linger_s=settings.embedded_linger_s,
                )
            )
        connections = await held.enter_async_context(_connection(servers.postgres_url, "projections"))
        async with connections.connection() as connection:
            cursor = await connection.execute("SELECT to_regclass('awe.projection_work') IS NULL")
            ((unprepared,),) = await cursor.fetchall()
        if unprepared:
            raise SchemaRefused("Postgres has no projections yet: start 'awe projector' (or 'awe up') once")
        await _settled(connections, projectors, heads)
        yield Projections(servers, projectors, connections, decoded)


async def _settled(
    connections: Connections, projectors: Mapping[str, Projector], heads: Mapping[str, int]
) -> None:
    """Wait a while for the own keeper: what a run before has left in the log is archived and fed."""
    end_s = monotonic() + _PATIENCE_S
    for partition, head in heads.items():
        while monotonic() < end_s:
            async with connections.connection() as connection:
                archived = (await pages.heads(connection)).get(partition, 0)
                behind = [
                    each
                    for each in await positions.fed(connection, projectors, partition)
                    if each.n < head and each.stopped is None
                ]
            if archived >= head and not behind:
                break
            await asyncio.sleep(_LOOK_S)


@asynccontextmanager
async def _connection(url: str, role: str) -> AsyncGenerator[OwnedConnection]:
    connection = OwnedConnection(url, role, statement_timeout_s=_STATEMENT_S, use_timeout_s=_USE_S)
    try:
        yield connection
    finally:
        await connection.aclose()


def _plain(url: ServerUrl | None) -> str | None:
    return None if url is None else url.get_secret_value()
