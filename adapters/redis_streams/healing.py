"""Opens a partition after every start of its server: the log agrees with the archive, and what it owes is there.

The order of the steps is what makes this safe. The epoch is committed in Postgres first, which fences archivers; then
the partition is closed under that epoch as token, which fences other healers; the start of the epoch is committed
before the partition opens. A healer may be killed after any step: the next one begins a higher epoch and does it all
again. Of two healers the one with the higher token wins, and the other sees an open partition.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from awe.adapters.redis_streams.comparing import compare, read_log
from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.healing_turn import healing_turn
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.opening import Opened, check_partitions, halt, open_partition, opened
from awe.adapters.redis_streams.partition_look import Look, look
from awe.adapters.redis_streams.rebuilding import Overtaken, close
from awe.adapters.redis_streams.restoring import Reached, Restoring
from awe.adapters.redis_streams.settling import settle
from awe.adapters.redis_streams.steps import Steps, T, drive_async
from awe.adapters.redis_streams.survey import Survey
from awe.commands.log import LogUnavailable
from awe.projections import archive_reader, epochs
from awe.projections.archive import Head
from awe.projections.errors import ArchiveError, Diverged, Fenced, SchemaRefused
from awe.projections.ports import Connections
from awe.projections.stored import StoredEntry

_FIRST_PATIENCE_S = 1.0
_LOOK_AGAIN_S = 0.05


async def _unobserved(_step: str) -> None:
    """Nobody asked to hear of the steps."""


class Healer:
    """Heals the partitions of an installation with two tiers."""

    def __init__(
        self,
        client: AsyncClient,
        connections: Connections,
        partitions: int,
        *,
        reached: Reached = _unobserved,
    ) -> None:
        """Prepare a healer.

        Args:
            client: of the server or cluster.
            connections: to the archive, of this healer alone.
            partitions: how many the installation has; stored the first time, compared ever after.
            reached: hears the name of each step when it is done.
        """
        self._client = client
        self._connections = connections
        self._partitions = partitions
        self._reached = reached
        self._alone: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def heal(self, partition: str) -> Opened:
        """Return at once when the partition is open under its present server, else heal it.

        Raises:
            LogUnavailable: a tier cannot be asked now; try again.
            LogCorrupt: the tiers differ, or both lost an event; the partition is halted with a report.
            SchemaRefused: another number of partitions, or a schema this release does not know.
        """
        keys = Keys(partition)
        patience_s = _FIRST_PATIENCE_S
        async with self._alone[partition], _archive_faults():
            found = await self._redis(look(keys))
            if found.is_open:
                return opened(found)
            async with healing_turn(self._connections, partition, lambda: self._is_open(keys)):
                while True:
                    try:
                        return await self._attempt(keys)
                    except (Overtaken, Fenced):
                        # The winner must not be overtaken in turn: it gets ever more time to finish.
                        await self._await_winner(keys, patience_s)
                        patience_s *= 2

    async def _attempt(self, keys: Keys) -> Opened:
        settled = await self._redis(settle(keys))
        if settled.is_open:
            return opened(settled)
        check_partitions(keys, settled, self._partitions)
        await self._reached("settled")
        async with self._connections.connection() as connection:
            await epochs.settle_partitions(connection, self._partitions)
            head = await epochs.begin(connection, keys.partition, settled.highest_epoch)
        await self._reached("epoch begun")
        await self._redis(close(keys, head.epoch))
        await self._reached("closed")
        frozen = await self._redis(look(keys))
        if frozen.server != settled.server:
            raise Overtaken
        try:
            found = await self._redis(read_log(keys, frozen, head.n))
            await compare(self._connections, keys, found, head)
        except Diverged as why:
            raise await self._redis(halt(keys, head.epoch, why)) from why
        await self._reached("compared")
        last = await self._restored(keys, frozen, head, found)
        async with self._connections.connection() as connection:
            await epochs.start(connection, keys.partition, head.epoch, (last.n if last else 0) + 1)
            starts = await epochs.starts(connection, keys.partition)
        await self._reached("epoch started")
        done = await self._redis(
            open_partition(keys, head.epoch, frozen, last, head.n, self._partitions, starts)
        )
        await self._reached("opened")
        return done

    async def _restored(self, keys: Keys, frozen: Look, head: Head, found: Survey) -> StoredEntry | None:
        """Rebuild where that is needed and return the log's last entry."""
        if frozen.consistent and frozen.last >= head.n:
            return found.last
        tail = found.tail
        if "n" in frozen.meta:  # what is behind it is part of a unit that failed half way
            tail = [entry for entry in tail if entry.n <= frozen.number("n")]
        await Restoring(self._client, self._connections, keys, head, self._reached).run(frozen, tail)
        if tail or not head.n:
            return tail[-1] if tail else None
        async with self._connections.connection() as connection:
            (last,) = await archive_reader.entries(connection, keys.partition, head.n - 1, 1)
        return last

    async def _await_winner(self, keys: Keys, patience_s: float) -> None:
        for _ in range(int(patience_s / _LOOK_AGAIN_S)):
            if await self._is_open(keys):
                return
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _is_open(self, keys: Keys) -> bool:
        return (await self._redis(look(keys))).is_open

    async def _redis(self, steps: Steps[T]) -> T:
        return await drive_async(self._client, steps)


@asynccontextmanager
async def _archive_faults() -> AsyncGenerator[None]:
    try:
        yield
    except SchemaRefused:
        raise
    except ArchiveError as error:
        raise LogUnavailable(f"The archive is needed to open a partition: {error}") from error
