"""A keeper heals, archives and trims every partition, and feeds the read models. Several do no harm: one wins each time."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.healing import Healer
from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.adapters.redis_streams.watcher import Watcher
from awe.api.reading.entries import decoded
from awe.projections.archiver import LINGER_S, Archiver
from awe.projections.migrations.migrate import migrate
from awe.projections.positions import install
from awe.projections.projecting import Projecting
from awe.projections.projector import Projector
from awe.projections.read_models import BUILT_IN


async def keep(
    held: AsyncExitStack,
    client: AsyncClient,
    postgres_url: str,
    names: Sequence[str],
    projectors: Sequence[Projector] = BUILT_IN,
    linger_s: float = LINGER_S,
) -> None:
    """Migrate, then heal, watch, archive and project every partition until the stack is left.

    Raises:
        SchemaRefused, ArchiveError: Postgres cannot be brought to what this release knows.
    """
    healing = OwnedConnection(postgres_url, "healer")
    held.push_async_callback(healing.aclose)
    async with healing.connection() as connection:
        await migrate(connection)
    healer = Healer(client, healing, len(names))
    archiving = OwnedConnection(postgres_url, "archiver")
    held.push_async_callback(archiving.aclose)
    watcher = Watcher(client, healing, healer, names)
    projecting = OwnedConnection(postgres_url, "projector")
    held.push_async_callback(projecting.aclose)
    async with projecting.connection() as connection:
        await install(connection, projectors, names)
    feeds = [Projecting(projecting, name, projectors, decoded) for name in names]
    archivers = [
        Archiver(RedisHotTier(client, name), archiving, linger_s=linger_s, heard=feed.hear)
        for name, feed in zip(names, feeds, strict=True)
    ]
    await watcher.step()
    running = [watcher.run(), *(each.run() for each in archivers), *(each.run() for each in feeds)]
    for work in running:
        await held.enter_async_context(_running(work))


@asynccontextmanager
async def _running(work: Coroutine[object, object, None]) -> AsyncGenerator[None]:
    """Run work beside the block; when it fails, the block is cancelled and the failure raised."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        yield
        task.cancel()
