"""A hot tier and an archive, opened by the healer as the projector of an installation would."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.healing import Healer
from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.adapters.redis_streams.log import RedisEventLogs
from awe.commands.log import EventLog
from awe.projections.migrations.migrate import migrate
from benchmarks.logs import connected
from support.server_process import PostgresProcess, ServerProcess

PARTITION = "awe.00"


@dataclass(frozen=True, slots=True)
class TwoTiers:
    archive: OwnedConnection
    log: EventLog
    hot: RedisHotTier


@asynccontextmanager
async def two_tiers(hot: ServerProcess, cold: PostgresProcess) -> AsyncGenerator[TwoTiers]:
    archive = OwnedConnection(cold.url, "benchmark")
    async with connected(hot.url) as client:
        logs = RedisEventLogs(client)
        try:
            async with archive.connection() as connection:
                await migrate(connection)
            await Healer(client, archive, partitions=1).heal(PARTITION)
            yield TwoTiers(archive, logs.log(PARTITION), RedisHotTier(client, PARTITION))
        finally:
            await logs.aclose()
            await archive.aclose()
