"""The event log of an installation, open for appending and reading.

Whoever keeps the store (`keeper`) heals, archives and trims it; the others append and read, and wait while a partition
is not open.
"""

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from awe.adapters.embedded.servers import Servers, embedded_servers
from awe.adapters.postgres.cold_tier import PostgresColdTier
from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import AsyncClient, connect, in_cluster
from awe.adapters.redis_streams.group_commit import Orphaned
from awe.adapters.redis_streams.log import RedisEventLog, RedisEventLogs
from awe.api.bootstrap.partitions import partition_name
from awe.api.settings import ServerUrl, Settings
from awe.commands.append_ids import AppendIds
from awe.commands.handling import RunHandler
from awe.commands.runs import RunCommands
from awe.domain.vocabulary import CODEC
from awe.projections.projector import Projector

_AWAITED_LINGER_S = 0.02
"""How long a batch gathers where appends wait until it is archived."""


@dataclass(frozen=True, slots=True)
class EventStore:
    """The logs by partition name, the commands on runs, and the ways to what else the two tiers hold."""

    servers: Servers
    client: AsyncClient
    cold: PostgresColdTier
    logs: Mapping[str, RedisEventLog]
    runs: RunCommands
    ids: AppendIds

    def log(self, partition: int) -> RedisEventLog:
        return self.logs[partition_name(partition)]


@asynccontextmanager
async def event_store(
    settings: Settings,
    *,
    keeper: bool = False,
    orphaned: Orphaned | None = None,
    projectors: Sequence[Projector] | None = None,
) -> AsyncGenerator[EventStore]:
    """Open the event store; embedded servers are started where no URL is set.

    Args:
        settings: which servers, how many partitions, which durability.
        keeper: also heal, archive and trim, and feed the read models, as long as the block lasts.
        orphaned: hears the outcomes of appends whose callers were cancelled.
        projectors: whose read models a keeper feeds; those that the settings name, unless given.

    Raises:
        ServerError: a server cannot be started.
        ProjectorLoadError: the settings name projections that cannot be loaded (keeper only).
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
            # Only a keeper has the read side in memory.
            from awe.api.bootstrap.keeping import keep  # noqa: PLC0415
            from awe.api.bootstrap.projector_names import load_projectors  # noqa: PLC0415
            from awe.projections.archiver import LINGER_S  # noqa: PLC0415

            named = load_projectors(settings.projections) if projectors is None else projectors
            awaited = settings.durability == "archived"
            linger_s = _AWAITED_LINGER_S if awaited else LINGER_S
            await keep(held, client, servers.postgres_url, names, named, linger_s)
        reading = OwnedConnection(servers.postgres_url, "reader")
        held.push_async_callback(reading.aclose)
        cold = PostgresColdTier(reading)
        logs = RedisEventLogs(
            client,
            cold,
            until_archived=settings.durability == "archived",
            orphaned=orphaned,
        )
        held.push_async_callback(logs.aclose)
        of_partition = {name: logs.log(name) for name in names}
        ids = AppendIds(os.urandom(9))
        handlers = [RunHandler(log, CODEC, ids) for log in of_partition.values()]
        yield EventStore(
            servers,
            client,
            cold,
            of_partition,
            RunCommands(handlers.__getitem__, len(names), os.urandom),
            ids,
        )


def _plain(url: ServerUrl | None) -> str | None:
    return None if url is None else url.get_secret_value()
