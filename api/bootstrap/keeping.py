"""A keeper heals, archives and trims every partition. Several do no harm: one of them wins each time."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.healing import Healer
from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.adapters.redis_streams.watcher import Watcher
from awe.projections.archiver import Archiver
from awe.projections.migrations.migrate import migrate


async def keep(held: AsyncExitStack, client: AsyncClient, postgres_url: str, names: Sequence[str]) -> None:
    """Migrate, then heal, watch and archive every partition until the stack is left.

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
    archivers = [Archiver(RedisHotTier(client, name), archiving) for name in names]
    await watcher.step()
    for work in (watcher.run(), *(archiver.run() for archiver in archivers)):
        await held.enter_async_context(_running(work))


@asynccontextmanager
async def _running(work: Coroutine[object, object, None]) -> AsyncGenerator[None]:
    """Run work beside the block; when it fails, the block is cancelled and the failure raised."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        yield
        task.cancel()
