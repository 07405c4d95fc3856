"""All followers of a server wait in one blocked read, and none of them holds up another or loses an event."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

import pytest

from awe.adapters.redis_streams import tail
from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.log import RedisEventLog, RedisEventLogs
from awe.adapters.redis_streams.single_tier import open_single_tier_async
from awe.commands.log import EventLog
from support.conformance.reading import taken
from support.conformance.units import BEGIN, fill, follows
from support.waiting import until_async


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[AsyncClient]:
    made = connect(valkey_url)
    yield made
    await made.aclose()


@pytest.fixture
async def logs(client: AsyncClient, keyspace: str) -> AsyncIterator[list[RedisEventLog]]:
    """Three partitions of one server, as one process has them."""
    names = [f"{keyspace.lower().strip(':')}.0{number}" for number in range(3)]
    for name in names:
        await open_single_tier_async(client, name)
    made = RedisEventLogs(client)
    yield [made.log(name) for name in names]
    await made.aclose()


class Blocked:
    """How many more connections are blocked than before."""

    def __init__(self, client: AsyncClient, before: int) -> None:
        self._client = client
        self._before = before

    @classmethod
    async def since_now(cls, client: AsyncClient) -> Self:
        return cls(client, await _blocked(client))

    async def once(self) -> bool:
        return await _blocked(self._client) == self._before + 1


async def _blocked(client: AsyncClient) -> int:
    info = await client.execute_command("INFO", "clients")
    return int(info["blocked_clients"])


def following(log: EventLog, count: int) -> asyncio.Task[None]:
    async def follow() -> None:
        follows((await taken(log.follow(BEGIN), count))[:count])

    return asyncio.create_task(follow())


async def test_many_followers_of_many_partitions_block_once(
    client: AsyncClient, logs: list[RedisEventLog]
) -> None:
    blocked = await Blocked.since_now(client)
    for log in logs:
        await fill(log, 3)
    followers = [following(log, 9) for log in logs for _ in range(5)]
    for _ in range(6):
        await until_async(blocked.once)
        for log in logs:
            await fill(log, 1)
    await asyncio.gather(*followers)


async def test_a_partition_that_is_followed_later_interrupts_the_read(
    client: AsyncClient, logs: list[RedisEventLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "BLOCK_MS", 60_000)
    blocked = await Blocked.since_now(client)
    early = following(logs[0], 2)
    await until_async(blocked.once)
    late = following(logs[1], 2)
    async with asyncio.timeout(20):
        while not late.done():
            await fill(logs[1], 1)
    await fill(logs[0], 2)
    await asyncio.gather(early, late)


async def test_who_lags_behind_reads_on_by_itself(
    logs: list[RedisEventLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MOST_BEHIND", 10)
    pages = logs[0].follow(BEGIN, 5)
    await fill(logs[0], 1)
    seen = await taken(pages, 1)
    prompt = following(logs[0], 101)
    for _ in range(20):
        await fill(logs[0], 5)
    await prompt
    follows([*seen, *await taken(pages, 100)])


async def test_who_goes_is_forgotten_and_the_tail_rests(
    client: AsyncClient, logs: list[RedisEventLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "BLOCK_MS", 20)
    blocked = await Blocked.since_now(client)
    follower = following(logs[0], 1_000)
    await until_async(blocked.once)
    follower.cancel()
    await asyncio.wait({follower})

    async def rests() -> bool:
        return not [task for task in asyncio.all_tasks() if task.get_name() == "tail"]

    await until_async(rests)
    again = following(logs[0], 2)
    await fill(logs[0], 2)
    await again
