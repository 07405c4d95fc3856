"""The watchdog's view of the queues, on both tiers and on each server."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from awe.adapters.postgres.cold_tier import PostgresColdTier
from awe.adapters.redis_streams.connection import connect
from awe.adapters.redis_streams.work_queues import RedisWorkQueues
from awe.commands.log import EventLog
from awe.commands.queues import Sent
from support.contracts.work_queues import QUEUE, WorkQueuesContract
from support.server_process import free_port
from support.two_tiers import TwoTiers, two_tiers


class RedisQueuesSite:
    def __init__(self, tiers: TwoTiers, nobody: Any) -> None:
        self.tiers = tiers
        self.nobody = nobody

    @property
    def log(self) -> EventLog:
        return self.tiers.log

    def queues(self) -> RedisWorkQueues:
        cold = PostgresColdTier(self.tiers.connections)
        return RedisWorkQueues(self.tiers.client, self.tiers.partition, cold)

    def unreachable(self) -> RedisWorkQueues:
        return RedisWorkQueues(self.nobody, self.tiers.partition, None)

    async def lose(self, sent: Sent) -> None:
        for message_id, data in await self._messages():
            if json.loads(data)["n"] == sent.n:
                await self.tiers.client.execute_command("XDEL", self._key, message_id)

    async def bodies(self) -> Sequence[bytes]:
        return [data for _, data in await self._messages()]

    async def archive_and_trim(self) -> None:
        head = await self.tiers.archive_all()
        await self.tiers.client.execute_command("XTRIM", self.tiers.keys.log, "MINID", f"{head}-0")

    @property
    def _key(self) -> str:
        return self.tiers.keys.queue(QUEUE)

    async def _messages(self) -> list[tuple[bytes, bytes]]:
        found = await self.tiers.client.execute_command("XRANGE", self._key, "-", "+")
        return [(message_id, fields[1]) for message_id, fields in found]


class TestWorkQueues(WorkQueuesContract):
    @pytest.fixture(params=["valkey_url", "redis_url"])
    async def site(
        self, request: pytest.FixtureRequest, postgres_database: str, keyspace: str
    ) -> AsyncIterator[RedisQueuesSite]:
        url: str = request.getfixturevalue(request.param)
        nobody = connect(f"redis://127.0.0.1:{free_port()}", timeout_s=1)
        async with two_tiers(url, postgres_database, keyspace) as tiers:
            await tiers.heal()
            yield RedisQueuesSite(tiers, nobody)
        await nobody.aclose()


async def test_i05_nothing_is_sent_again_in_another_epoch(
    valkey_url: str, postgres_database: str, keyspace: str
) -> None:
    async with two_tiers(valkey_url, postgres_database, keyspace) as tiers:
        await tiers.heal()
        site = RedisQueuesSite(tiers, None)
        await tiers.client.execute_command("HSET", tiers.keys.meta, "state", "closed")
        await site.queues().send_again(QUEUE, [Sent(1, "a")])
        assert await site.bodies() == []
