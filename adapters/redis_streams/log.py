"""The engine's event log: group commit into the hot tier, reading over both.

With a cold tier, a run whose index was dropped is brought back before an append to it is decided. At durability
*archived* an append is acknowledged once the archive has it, in the epoch that wrote it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError, spreads
from awe.adapters.redis_streams.group_commit import GroupCommit, Orphaned
from awe.adapters.redis_streams.histories import Histories
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.reader import Reader
from awe.adapters.redis_streams.tail import Tail
from awe.commands.log import (
    EVENTS_PER_CALL,
    Appended,
    LogUnavailable,
    Outcome,
    Page,
    Position,
    Rewound,
    RunHistory,
    Unit,
)
from awe.projections.stored import ColdTier

_POLL_S = 0.01


class RedisEventLogs:
    """The partitions of one server or cluster, with one group commit for this process."""

    def __init__(
        self,
        client: AsyncClient,
        cold: ColdTier | None = None,
        *,
        until_archived: bool = False,
        orphaned: Orphaned | None = None,
    ) -> None:
        """``until_archived``: acknowledge an append only once the archive has it."""
        if until_archived and cold is None:
            raise ValueError("Durability `archived` needs an archive: set AWE_POSTGRES_URL.")
        self._client = client
        self._cold = cold
        self._until_archived = until_archived
        self._commit = GroupCommit(client, self._warm, self._timed, orphaned)
        self._tails: dict[str, Tail] = {}

    def log(self, partition: str) -> "RedisEventLog":
        """Return one partition's log."""
        tail = self._tails.setdefault(partition if spreads(self._client) else "", Tail(self._client))
        return RedisEventLog(
            self._client, partition, self._commit, tail, self._cold, until_archived=self._until_archived
        )

    async def aclose(self) -> None:
        """Stop appending and following; the client stays open."""
        await self._commit.aclose()
        for tail in self._tails.values():
            await tail.aclose()

    async def _warm(self, keys: Keys, run: str) -> int | None:
        try:
            found = await Histories(self._client, keys, self._cold).warm(run)
        except (*UNREACHABLE, RedisError) as error:
            raise LogUnavailable(f"Partition {keys.partition} cannot be asked now: {error}") from error
        return None if found is None or found[0] else found[1]

    async def _timed(self, keys: Keys, outcome: Appended) -> Appended:
        """Complete a first result whose entry was trimmed with the time that the archive has."""
        found = await self.log(keys.partition).read(Position(outcome.first - 1, outcome.epoch), 1)
        return replace(outcome, time_ms=found.events[0].time_ms) if isinstance(found, Page) else outcome


class RedisEventLog:
    """One partition, as ``awe.commands.log.EventLog`` describes it."""

    def __init__(
        self,
        client: AsyncClient,
        partition: str,
        commit: GroupCommit,
        tail: Tail,
        cold: ColdTier | None,
        *,
        until_archived: bool,
    ) -> None:
        self._client = client
        self._keys = Keys(partition)
        self._commit = commit
        self._reader = Reader(client, self._keys, cold, tail)
        self._histories = Histories(client, self._keys, cold)
        self._until_archived = until_archived

    @property
    def partition(self) -> str:
        """The partition's name."""
        return self._keys.partition

    def append(self, unit: Unit) -> Awaitable[Outcome]:
        """Append one unit; see the port."""
        if self._until_archived:
            return self._append_archived(unit)
        return self._commit.append(self._keys, unit)

    async def _append_archived(self, unit: Unit) -> Outcome:
        while True:
            outcome = await self._commit.append(self._keys, unit)
            if not isinstance(outcome, Appended) or not outcome.count:
                return outcome
            if await self._archived(outcome.position):
                return outcome
            # A later epoch began first: the same unit again is answered if it survived and appended if it did not.
            unit = unit._replace(absent_at=0)

    async def read(self, after: Position, limit: int = EVENTS_PER_CALL) -> Page | Rewound:
        """Return up to ``limit`` events after a position; see the port."""
        return await self._reader.read(after, limit)

    def follow(self, after: Position, limit: int = EVENTS_PER_CALL) -> AsyncIterator[Page | Rewound]:
        """Read from a position on and wait for more; see the port."""
        return self._reader.follow(after, limit)

    async def history(self, run: str, aggregate: str | None = None) -> RunHistory:
        """Return every event of a run or aggregate; see the port."""
        return await self._histories.history(run, aggregate)

    async def head(self) -> Position:
        """Return the position of the last event."""
        return await self._reader.head()

    async def reactor_position(self, reactor: str) -> Position:
        """Return where a reactor stands."""
        try:
            found = await self._client.execute_command("HGET", self._keys.positions, reactor)
        except (*UNREACHABLE, RedisError) as error:
            raise LogUnavailable(f"Partition {self.partition} cannot be asked now: {error}") from error
        heed_cancel()
        n, _, epoch = (found or b"0;0").partition(b";")
        return Position(int(n), int(epoch))

    async def _archived(self, position: Position) -> bool:
        """Wait until the archive holds a position; False when an epoch began that may have lost it."""
        while True:
            try:
                archived, epoch = await self._client.execute_command(
                    "HMGET", self._keys.meta, "archived", "epoch"
                )
            except (*UNREACHABLE, RedisError):
                archived, epoch = None, position.epoch  # it will answer again, perhaps in a later epoch
            heed_cancel()
            if epoch is None or int(epoch) != position.epoch:
                return False
            if int(archived or 0) >= position.n:
                return True
            await asyncio.sleep(_POLL_S)
