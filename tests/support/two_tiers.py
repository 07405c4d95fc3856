"""One partition with both tiers on real servers, driven step by step: append, archive, heal, look inside."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from awe.adapters.postgres.cold_tier import PostgresColdTier
from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.healing import Healer
from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.log import RedisEventLogs
from awe.adapters.redis_streams.opening import Opened
from awe.adapters.redis_streams.partition_look import Look, look
from awe.adapters.redis_streams.steps import drive_async
from awe.commands.log import NEW_RUN, Appended, EventLog, NewEvent, Unit
from awe.projections import archive_reader
from awe.projections.archiver import Archiver
from awe.projections.ports import Connections, HotTier
from awe.projections.stored import StoredEntry
from support.archives import migrated

Reached = Callable[[str], Awaitable[None]]


class Killed(Exception):  # noqa: N818 - named for the fact
    """A process ended here."""


def killed_after(step: str) -> Reached:
    """Hear of a healer's steps and end it after one of them."""

    async def reached(done: str) -> None:
        if done == step:
            raise Killed(step)

    return reached


@dataclass
class TwoTiers:
    client: AsyncClient
    connections: OwnedConnection
    keys: Keys
    logs: RedisEventLogs
    redis_url: str
    postgres_url: str
    _name: str = field(default_factory=lambda: uuid4().hex[:8])
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def partition(self) -> str:
        return self.keys.partition

    @property
    def log(self) -> EventLog:
        return self.logs.log(self.partition)

    def healer(self, reached: Reached | None = None) -> Healer:
        observed: Any = {} if reached is None else {"reached": reached}
        return Healer(self.client, self.connections, 1, **observed)

    async def heal(self) -> Opened:
        return await self.healer().heal(self.partition)

    def archiver(
        self, hot: HotTier | None = None, connections: Connections | None = None, **options: Any
    ) -> Archiver:
        return Archiver(
            hot or RedisHotTier(self.client, self.partition), connections or self.connections, **options
        )

    async def archive_all(self) -> int:
        """Archive what there is; return the archive's head."""
        archiver = self.archiver()
        while await archiver.step():
            pass
        return (await self.archived())[-1].n if await self.archived() else 0

    async def append(self, run: str = "r-00-a", aggregate: str = "t:a", **unit: Any) -> Appended:
        """Append one event, or the unit's own events, under a fresh id, as if the run were just made."""
        unit = {"events": (NewEvent(aggregate, "awe.test/1", b"{}"),), "absent_at": NEW_RUN, **unit}
        done = await self.log.append(Unit(id=f"{self._name}-{next(self._numbers)}", run=run, **unit))
        assert isinstance(done, Appended)
        return done

    async def look(self) -> Look:
        return await drive_async(self.client, look(self.keys))

    async def hot(self) -> Sequence[StoredEntry]:
        """All entries that Redis holds."""
        return (await RedisHotTier(self.client, self.partition).read(0, 1_000_000)).entries

    async def archived(self) -> Sequence[StoredEntry]:
        """All entries that Postgres holds."""
        async with self.connections.connection() as connection:
            return await archive_reader.entries(connection, self.partition, 0, 1_000_000)

    async def sql(self, statement: str) -> None:
        async with self.connections.connection() as connection:
            await connection.execute(statement.encode())

    def twin(self) -> AbstractAsyncContextManager["TwoTiers"]:
        """The same partition from another process."""
        return two_tiers(self.redis_url, self.postgres_url, self.partition)

    async def redis(self, *command: Any) -> Any:
        return await self.client.execute_command(*command)

    async def derived(self) -> dict[str, Any]:
        """Everything the partition derives from its log, as it stands: hashes, and what each queue holds."""
        found: dict[str, Any] = {}
        for name in sorted(await self.redis("KEYS", f"{{{self.partition}}}:[xbpq]*")):
            key = name.decode()
            if ":q:" in key:
                found[key] = [fields for _, fields in await self.redis("XRANGE", key, "-", "+")]
            else:
                found[key] = await self.redis("HGETALL", key)
        return found


@asynccontextmanager
async def two_tiers(redis_url: str, postgres_url: str, partition: str) -> AsyncGenerator[TwoTiers]:
    """A partition of a migrated archive, not opened yet."""
    client = connect(redis_url)
    async with migrated(postgres_url, "healer") as connections, migrated(postgres_url, "reader") as reading:
        logs = RedisEventLogs(client, PostgresColdTier(reading))
        try:
            yield TwoTiers(client, connections, Keys(partition), logs, redis_url, postgres_url)
        finally:
            await logs.aclose()
            await client.aclose()
