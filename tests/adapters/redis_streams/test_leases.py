"""Leases on each server that the log is meant for; a healing needs and touches none of them."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.role_lease import RedisRoleLease
from awe.adapters.redis_streams.task_leases import RedisTaskLeases
from awe.commands.leases import Held
from support.contracts.role_leases import LONG_MS, RoleLeaseContract
from support.contracts.task_leases import FIRST, LEASE_MS, OTHER, RUN, SECOND, TaskLeasesContract
from support.log_work import some_work
from support.server_process import ValkeyProcess, free_port
from support.two_tiers import two_tiers
from support.waiting import until_async

HOUR_MS = 3_600_000
SHORT_MS = 30


class RedisSite:
    """Partitions of a test's own on a server or cluster, and a client of a server that is not there."""

    def __init__(self, client: AsyncClient, nobody: AsyncClient, name: str) -> None:
        self.client = client
        self.nobody = nobody
        self.name = name

    def lease(self, role: str = "scheduler", *, partition: int = 0) -> RedisRoleLease:
        return RedisRoleLease(self.client, f"{self.name}.{partition}", role)

    def leases(self, *, partition: int = 0) -> RedisTaskLeases:
        return RedisTaskLeases(self.client, f"{self.name}.{partition}")

    @property
    def keys(self) -> Keys:
        return Keys(f"{self.name}.0")

    async def redis(self, *command: Any) -> Any:
        return await self.client.execute_command(*command)

    async def now_ms(self) -> int:
        script = (
            "local t = redis.call('TIME') return string.format('%d', t[1] * 1000 + math.floor(t[2] / 1000))"
        )
        return int(await self.redis("EVAL", script, 1, self.keys.meta))

    async def put_last_event_at(self, time_ms: int) -> None:
        await self.redis("HSET", self.keys.meta, "time", time_ms)

    async def lose(self) -> None:
        for key in (self.keys.leases, self.keys.lease("scheduler")):
            await self.redis("DEL", key)

    async def wipe(self) -> None:
        for partition in range(2):
            keys = Keys(f"{self.name}.{partition}")
            for key in (keys.meta, keys.leases, *map(keys.lease, ("scheduler", "timer", "watch"))):
                await self.redis("DEL", key)


class RedisRoleSite(RedisSite):
    def unreachable(self) -> RedisRoleLease:
        return RedisRoleLease(self.nobody, "nobody.0", "scheduler")


class RedisTaskSite(RedisSite):
    def unreachable(self) -> RedisTaskLeases:
        return RedisTaskLeases(self.nobody, "nobody.0")


@asynccontextmanager
async def connected(url: str, *, cluster: bool = False) -> AsyncGenerator[tuple[AsyncClient, AsyncClient]]:
    """A client, and one of a server that is not there."""
    clients = (
        connect(url, cluster=cluster),
        connect(f"redis://127.0.0.1:{free_port()}", cluster=cluster, timeout_s=1),
    )
    try:
        yield clients
    finally:
        for client in clients:
            await client.aclose()


class OnServers:
    """Runs a contract on Valkey, on Debian's Redis and on a cluster."""

    @pytest.fixture(params=["valkey_url", "redis_url", "cluster_url"])
    async def clients(self, request: pytest.FixtureRequest) -> AsyncIterator[tuple[AsyncClient, AsyncClient]]:
        url: str = request.getfixturevalue(request.param)
        async with connected(url, cluster=request.param == "cluster_url") as clients:
            yield clients


class TestRoleLeases(OnServers, RoleLeaseContract):
    @pytest.fixture
    async def site(
        self, clients: tuple[AsyncClient, AsyncClient], keyspace: str
    ) -> AsyncIterator[RedisRoleSite]:
        site = RedisRoleSite(*clients, keyspace)
        yield site
        await site.wipe()


class TestTaskLeases(OnServers, TaskLeasesContract):
    @pytest.fixture
    async def site(
        self, clients: tuple[AsyncClient, AsyncClient], keyspace: str
    ) -> AsyncIterator[RedisTaskSite]:
        site = RedisTaskSite(*clients, keyspace)
        yield site
        await site.wipe()

    async def test_i14_leases_of_workers_that_died_are_forgotten_at_length(self, site: RedisTaskSite) -> None:
        long_ago = await site.now_ms() - HOUR_MS - 1
        dead = [part for item in range(200) for part in (f"{RUN}|t:dead[{item}]|1", long_ago)]
        await site.redis("HSET", site.keys.leases, *dead)
        await site.redis("HSET", site.keys.leases, f"{RUN}|t:late|1", long_ago + 60_000)
        calls = 0
        while await site.redis("HLEN", site.keys.leases) > 2:
            await site.leases().renew([FIRST], LEASE_MS)
            calls += 1
            assert calls < 10_000
        late = Held(RUN, "t:late", 1)
        assert set(await site.leases().ends([FIRST, late])) == {FIRST, late}


async def test_i15_a_healing_neither_needs_nor_touches_leases(
    valkey_url: str, postgres_database: str, keyspace: str
) -> None:
    async with two_tiers(valkey_url, postgres_database, keyspace) as tiers:
        await tiers.heal()
        await some_work(tiers)
        role = RedisRoleLease(tiers.client, tiers.partition, "scheduler")
        leases = RedisTaskLeases(tiers.client, tiers.partition)
        await role.take("one", LONG_MS)
        await leases.renew([FIRST, SECOND, OTHER], LEASE_MS)
        derived, ends = await tiers.derived(), await leases.ends([FIRST, SECOND, OTHER])

        await tiers.redis("HSET", tiers.keys.meta, "state", "halted")  # all that is derived is made anew
        assert (await tiers.heal()).epoch == 2
        assert await tiers.derived() == derived
        assert await leases.ends([FIRST, SECOND, OTHER]) == ends
        assert not await role.take("two", LONG_MS)

        await tiers.redis("DEL", tiers.keys.leases, tiers.keys.lease("scheduler"))
        await tiers.redis("HSET", tiers.keys.meta, "state", "halted")
        assert (await tiers.heal()).epoch == 3
        assert await tiers.derived() == derived
        assert await role.take("two", LONG_MS)
        assert await leases.ends([FIRST]) == {}


async def test_i07_a_full_server_still_takes_heartbeats_and_a_scheduler(own_valkey: ValkeyProcess) -> None:
    async with connected(own_valkey.url) as (client, nobody):
        site = RedisTaskSite(client, nobody, "full")
        await site.redis("CONFIG", "SET", "maxmemory", "1")
        assert await site.lease().take("one", LONG_MS)
        await site.leases().renew([FIRST], LEASE_MS)
        await site.leases().renew([SECOND], LEASE_MS, [FIRST])
        assert set(await site.leases().ends([FIRST, SECOND])) == {SECOND}
        await site.lease().give_up("one")
        assert await site.lease().take("two", LONG_MS)


async def test_i15_a_lease_from_before_a_restart_still_ends_by_itself(own_valkey: ValkeyProcess) -> None:
    async with connected(own_valkey.url) as (client, nobody):
        site = RedisRoleSite(client, nobody, "restarted")
        assert await site.lease().take("one", LONG_MS)
        assert await site.lease("timer").take("one", SHORT_MS)
        left = await site.redis("PTTL", site.keys.lease("scheduler"))
    own_valkey.kill9()
    own_valkey.start()
    async with connected(own_valkey.url) as (client, nobody):
        site = RedisRoleSite(client, nobody, "restarted")
        assert not await site.lease().take("two", LONG_MS)
        assert 0 < await site.redis("PTTL", site.keys.lease("scheduler")) <= left
        await until_async(lambda: site.lease("timer").take("two", LONG_MS))
        assert await site.lease().take("one", LONG_MS)
