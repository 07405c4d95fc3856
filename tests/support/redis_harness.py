"""The conformance suite's hands on the event log of Redis and Postgres: real servers, really killed and cut."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, cast

from awe.adapters.postgres.cold_tier import PostgresColdTier
from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.healing import Healer
from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.log import RedisEventLog, RedisEventLogs
from awe.adapters.redis_streams.scripts import evaluate
from awe.commands.log import Unit
from awe.projections import epochs
from awe.projections.archive import Head
from awe.projections.archiver import Archiver
from support.append_only import AppendOnlyFile
from support.archives import migrated
from support.conformance import Ability, Harness, QueuedMessage
from support.proxy import Proxy, proxy
from support.server_process import ServerProcess

ANYWHERE = frozenset(
    {Ability.CLOSE, Ability.HALT, Ability.QUEUES, Ability.ARCHIVE, Ability.TRIM, Ability.DROP_INDEX}
    | {Ability.PRESSURE}
)
BEHIND_A_PROXY = frozenset({Ability.LOSE_REPLY, Ability.LOSE_REQUEST, Ability.REBUILD})
OWN_SERVER = frozenset({Ability.RESTART, Ability.LOSE_TAIL, Ability.MEMORY})
"""Abilities that need a server of this test alone."""


class RedisHarness(Harness):
    """Two partitions, opened, of a server or cluster with an archive."""

    abilities: ClassVar[frozenset[Ability]] = ANYWHERE | BEHIND_A_PROXY | OWN_SERVER

    def __init__(
        self, name: str, admin: AsyncClient, owned: OwnedConnection, logs: list[RedisEventLogs]
    ) -> None:
        self.keys = Keys(f"{name}.00")
        self.other = Keys(f"{name}.01")
        self.admin = admin
        self.owned = owned
        self.healer = Healer(admin, owned, 2)
        self.logs = logs
        self.pressure = 0
        self.wire: Proxy | None = None
        self.clients: list[AsyncClient] = []
        self.server: ServerProcess | None = None
        self.file: AppendOnlyFile | None = None

    async def log(self) -> RedisEventLog:
        return self.logs[0].log(self.keys.partition)

    async def second_log(self) -> RedisEventLog:
        return self.logs[-1].log(self.keys.partition)

    async def other_partition(self) -> RedisEventLog:
        return self.logs[-1].log(self.other.partition)

    async def lose_next_reply(self) -> None:
        (await self._warm_wire()).lose_replies += 1

    async def lose_next_request(self) -> None:
        (await self._warm_wire()).lose_requests += 1

    async def close(self) -> None:
        await self.redis("HSET", self.keys.meta, "run_id", "0" * 40)

    async def heal(self) -> None:
        for keys in (self.keys, self.other):
            await self.healer.heal(keys.partition)
        await self.set_pressure(self.pressure)

    async def halt(self) -> None:
        head = await self._archived()
        await RedisHotTier(self.admin, self.keys.partition).halt(head.epoch, "A test stopped it.")

    async def restart(self) -> None:
        await self.lose_tail(0)

    async def lose_tail(self, count: int) -> None:
        assert self.server is not None
        assert self.file is not None
        n = (await (await self.second_log()).head()).n
        self.server.kill9()
        if count and n:
            self.file.cut(self.keys.log, max(n - count, 0))
        else:
            self.file.save()
        self.server.start()
        await self._reconnect()

    async def rebuild(self) -> None:
        derived = await self._derived_keys()
        if derived:
            await self.redis("DEL", *derived)
        await self.redis("HSET", self.keys.meta, "state", "halted")
        await self.heal()

    async def derived(self) -> object:
        found: dict[str, Any] = {}
        for key in await self._derived_keys():
            if b":q:" in key:
                found[key.decode()] = [fields for _, fields in await self.redis("XRANGE", key, "-", "+")]
            else:
                found[key.decode()] = await self.redis("HGETALL", key)
        return {key: held for key, held in found.items() if held}

    async def messages(self, queue: str) -> Sequence[QueuedMessage]:
        found: list[QueuedMessage] = []
        for message_id, (_, told) in await self.redis("XRANGE", self.keys.queue(queue), "-", "+"):
            of = json.loads(told)
            body = json.dumps(of["event"]).encode()
            about = (of["n"], of["run"], of["aggregate"], of["version"], of["append"], of["type"])
            found.append(QueuedMessage(message_id.decode(), *about, body))
        return found

    async def archive_to(self, n: int) -> None:
        archived = (await self._archived()).n
        hot = RedisHotTier(self.admin, self.keys.partition)
        if n > archived:
            entries = (await hot.read(archived, n - archived)).entries
            if entries and entries[-1].n <= n:  # else a single unit goes beyond
                await Archiver(hot, self.owned, batch=n - archived).step()

    async def trim_to(self, n: int) -> None:
        head = await self._archived()
        hot = RedisHotTier(self.admin, self.keys.partition)
        await hot.trim(min(n + 1, head.n), head.epoch)

    async def drop_index(self, run: str) -> bool:
        head = await self._archived()
        names = (self.keys.meta, self.keys.index(run), self.keys.counters(run))
        return bool(await evaluate(self.admin, "drop", len(names), *names, head.epoch, head.n))

    async def set_pressure(self, percent: int) -> None:
        self.pressure = percent
        await self.redis("HSET", self.keys.meta, "pressure", percent)

    async def memory_used(self) -> int:
        return int((await self.redis("INFO", "memory"))["used_memory"])

    async def redis(self, *command: Any) -> Any:
        return await self.admin.execute_command(*command)

    async def _archived(self) -> Head:
        async with self.owned.connection() as connection:
            head = await epochs.head(connection, self.keys.partition)
        assert head is not None
        return head

    async def _derived_keys(self) -> Sequence[bytes]:
        return sorted(await self.redis("KEYS", f"{{{self.keys.partition}}}:[xbpq]*"))

    async def _warm_wire(self) -> Proxy:
        """Have the client's connection for appends open, so that what is lost is the append's."""
        await (await self.log()).append(Unit("warm", "warm"))
        assert self.wire is not None
        return self.wire

    async def _reconnect(self) -> None:
        for client in (self.admin, *self.clients):
            await cast("Any", client).connection_pool.disconnect()
        await self.heal()


class ClusterHarness(RedisHarness):
    """The same on a cluster, whose clients find the nodes by themselves: nothing can stand between."""

    abilities = ANYWHERE


@asynccontextmanager
async def redis_harness(
    url: str, archive_url: str, name: str, server: ServerProcess | None = None, *, cluster: bool = False
) -> AsyncGenerator[RedisHarness]:
    """Open two partitions named after ``name``; ``server`` is the one at the URL when it is this test's alone."""
    admin = connect(url, cluster=cluster)
    async with (
        migrated(archive_url, "healer") as owned,
        migrated(archive_url, "reader") as reading,
        proxy(url) as wire,
    ):
        near = connect(url if cluster else wire.url, cluster=cluster)
        clients = [near, connect(url, cluster=cluster)]
        logs = [RedisEventLogs(client, PostgresColdTier(reading)) for client in clients]
        harness = (ClusterHarness if cluster else RedisHarness)(name, admin, owned, logs)
        harness.wire, harness.clients, harness.server = wire, clients, server
        harness.file = None if server is None else AppendOnlyFile(server.home)
        try:
            await harness.heal()
            yield harness
        finally:
            for each in logs:
                await each.aclose()
            for client in (*clients, admin):
                await client.aclose()
