"""The composition root: nothing else builds adapters, and every process gets the same parts from the same settings.

Whoever keeps the store (`keeper`) heals, archives and trims it; the others append and read, and wait while a partition
is not open. Several keepers do no harm: one of them wins each time.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from awe.adapters.embedded.servers import Servers, embedded_servers
from awe.adapters.postgres.cold_tier import PostgresColdTier
from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import AsyncClient, connect, in_cluster
from awe.adapters.redis_streams.group_commit import Orphaned
from awe.adapters.redis_streams.healing import Healer
from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.adapters.redis_streams.log import RedisEventLog, RedisEventLogs
from awe.adapters.redis_streams.watcher import Watcher
from awe.api.settings import ServerUrl, Settings
from awe.commands.append_ids import AppendIds
from awe.commands.handling import RunHandler
from awe.commands.runs import RunCommands
from awe.domain.vocabulary import CODEC
from awe.projections.archiver import Archiver
from awe.projections.migrations.migrate import migrate


def partition_name(number: int) -> str:
    """Return the name under which the engine's partition of that number stands in both tiers."""
    return f"awe.{number:02d}"


@dataclass(frozen=True, slots=True)
class EventStore:
    """The event log of an installation and the commands on its runs."""

    servers: Servers
    logs: Mapping[str, RedisEventLog]
    runs: RunCommands


@asynccontextmanager
async def event_store(
    settings: Settings, *, keeper: bool = False, orphaned: Orphaned | None = None
) -> AsyncGenerator[EventStore]:
    """Open the event store; embedded servers are started where no URL is set.

    Args:
        settings: which servers, how many partitions, which durability.
        keeper: also heal, archive and trim, as long as the block lasts.
        orphaned: hears the outcomes of appends whose callers were cancelled.

    Raises:
        ServerError: a server cannot be started.
        SchemaRefused, ArchiveError: Postgres cannot be brought to what this release knows (keeper only).
    """
    async with AsyncExitStack() as held:
        servers = await held.enter_async_context(
            embedded_servers(
                home=settings.home,
                redis_url=_plain(settings.redis_url),
                postgres_url=_plain(settings.postgres_url),
                linger_s=settings.embedded_linger_s,
            )
        )
        client = connect(servers.redis_url, cluster=await in_cluster(servers.redis_url))
        held.push_async_callback(client.aclose)
        names = [partition_name(number) for number in range(settings.partition_count)]
        if keeper:
            await _keep(held, client, servers, names)
        reading = OwnedConnection(servers.postgres_url, "reader")
        held.push_async_callback(reading.aclose)
        logs = RedisEventLogs(
            client,
            PostgresColdTier(reading),
            until_archived=settings.durability == "archived",
            orphaned=orphaned,
        )
        held.push_async_callback(logs.aclose)
        of_partition = {name: logs.log(name) for name in names}
        ids = AppendIds(os.urandom(9))
        handlers = [RunHandler(log, CODEC, ids) for log in of_partition.values()]
        yield EventStore(servers, of_partition, RunCommands(handlers.__getitem__, len(names), os.urandom))


async def _keep(held: AsyncExitStack, client: AsyncClient, servers: Servers, names: list[str]) -> None:
    """Migrate, then heal, watch and archive every partition until the stack is left."""
    healing = OwnedConnection(servers.postgres_url, "healer")
    held.push_async_callback(healing.aclose)
    async with healing.connection() as connection:
        await migrate(connection)
    healer = Healer(client, healing, len(names))
    archiving = OwnedConnection(servers.postgres_url, "archiver")
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


def _plain(url: ServerUrl | None) -> str | None:
    return None if url is None else url.get_secret_value()
