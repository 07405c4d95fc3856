"""The project's log on a server, opened as a process would open it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.log import RedisEventLog, RedisEventLogs
from awe.adapters.redis_streams.single_tier import open_single_tier_async


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[AsyncClient]:
    client = connect(url)
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def log_of(client: AsyncClient, partition: str) -> AsyncGenerator[RedisEventLog]:
    async with logs_of(client, [partition]) as (log,):
        yield log


@asynccontextmanager
async def logs_of(client: AsyncClient, partitions: Sequence[str]) -> AsyncGenerator[Sequence[RedisEventLog]]:
    """Open partitions without an archive; their logs share one group commit."""
    for partition in partitions:
        await open_single_tier_async(client, partition)
    logs = RedisEventLogs(client)
    try:
        yield [logs.log(partition) for partition in partitions]
    finally:
        await logs.aclose()
