"""Copies a partition's log from the hot tier to the archive, batch by batch, for as long as it runs.

It may be killed at any step, run twice, or sleep through a healing: a batch counts only when Postgres still stands
where it was made for, the mark in the hot tier is only a hint, and trimming follows the archiver's own commits. It
starts from the archive's head, never from the hot tier's mark, so an archive that lost its tail is filled again. A
batch holds whole units, so that a loss of the hot tier tears none, and is bounded by events and bytes. What neither tier
has, or both have differently, stops the partition with a report.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from awe.projections import archive, archive_reader, chain, epochs
from awe.projections.archive import Head
from awe.projections.errors import ArchiveUnavailable, Diverged, Fenced
from awe.projections.ports import Connections, HotBatch, HotTier, HotUnavailable
from awe.projections.retention import Retention
from awe.projections.stored import StoredEntry

BATCH = 1_000
BATCH_BYTES = 8_000_000
"""A batch is held here several times, and in Postgres as the parameters of one statement."""

LINGER_S = 0.1
WINDOW_S = 10.0

_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 5.0

Heard = Callable[[int, Sequence[StoredEntry]], None]

_log = logging.getLogger(__name__)


class Archiver:
    """Archives one partition."""

    def __init__(
        self,
        hot: HotTier,
        connections: Connections,
        *,
        batch: int = BATCH,
        batch_bytes: int = BATCH_BYTES,
        linger_s: float = LINGER_S,
        window_s: float = WINDOW_S,
        heard: Heard | None = None,
    ) -> None:
        """Prepare an archiver.

        Args:
            hot: the partition's hot tier.
            connections: to the archive; several archivers may share them.
            batch: events archived in one transaction at most, unless one unit alone has more.
            batch_bytes: likewise of what they hold.
            linger_s: how long a batch gathers at most after its first event: fewer, larger transactions.
            window_s: how long archived events stay in the hot tier; longer than a standby's lag.
            heard: told of each batch once it is committed: the position before it, and its entries.
        """
        self._hot = hot
        self._connections = connections
        self._batch = batch
        self._batch_bytes = batch_bytes
        self._linger_s = linger_s
        self._retention = Retention(window_s)
        self._heard = heard
        self._base: Head | None = None
        self._seen = 0  # the log's last position, as of the last look

    async def run(self) -> None:
        """Archive until cancelled; outages and healings are waited out.

        Raises:
            ArchiveError: Postgres refuses what only a person can put right.
        """
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                archived = await self.step()
                if self._base is None:  # not open, or not under Postgres' epoch: the healer's turn
                    await asyncio.sleep(_FIRST_WAIT_S)
                elif self._base.n >= self._seen:
                    if not archived:  # as long as events come there is no need to be told of the first
                        await self._hot.wait(self._base.n)
                    await asyncio.sleep(self._linger_s)
                wait_s = _FIRST_WAIT_S
            except (ArchiveUnavailable, HotUnavailable) as error:
                _log.warning("partition %s waits: %s", self._hot.partition, error)
                self._base = None
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    async def step(self) -> Sequence[StoredEntry]:
        """Archive the next batch and return it; empty when there is none or the partition is not open.

        Raises:
            ArchiveUnavailable: the batch may be in the archive or not; the next step finds out.
            HotUnavailable: likewise for what the hot tier was told.
        """
        base = self._base or await self._load()
        if base is None:
            return ()
        batch = await self._hot.read(base.n, self._batch, self._batch_bytes)
        self._seen = batch.n
        self._base = None  # whatever interrupts this step, the next one asks Postgres where it stands
        try:
            if not await self._under(base, batch):
                return ()
            if batch.entries:
                base = await self._archive(base, batch.entries)
        except Fenced as error:
            _log.info("%s", error)
            return ()
        except Diverged as error:
            _log.error("%s", error)
            await self._hot.halt(batch.epoch, str(error))
            return ()
        if batch.archived < base.n:
            await self._hot.mark_archived(base.n, base.epoch)
        await self._trim(base)
        self._base = base
        return batch.entries

    async def _load(self) -> Head | None:
        """Ask Postgres where it stands, and see that the hot tier holds the same event there."""
        partition = self._hot.partition
        async with self._connections.connection() as connection:
            base = await epochs.head(connection, partition)
            if base is None or base.n == 0:
                return base
            (archived,) = await archive_reader.digests_of(connection, partition, base.n, base.n)
        batch = await self._hot.read(base.n - 1, 1)
        for entry in batch.entries:
            if entry.n == base.n and chain.digest(entry.type, entry.meta, entry.body) != archived:
                if batch.epoch != base.epoch or not batch.is_open:
                    return None
                report = _report(partition, f"event {base.n} differs between Redis and Postgres")
                _log.error(report)
                await self._hot.halt(batch.epoch, report)
                return None
        return base

    async def _under(self, base: Head, batch: HotBatch) -> bool:
        """Tell whether the batch may follow the base; where only a healing helps, ask for one."""
        if not batch.is_open or batch.epoch < base.epoch:
            return False
        if batch.epoch > base.epoch or batch.n < base.n:
            # Unless the base is merely old: one of the tiers went back to a time before the other's epoch or head.
            async with self._connections.connection() as connection:
                if await epochs.head(connection, self._hot.partition) == base:
                    await self._hot.close(batch.epoch)
            return False
        first = batch.entries[0].n if batch.entries else batch.n + 1
        if first != base.n + 1:
            raise Diverged(
                _report(
                    self._hot.partition, f"events {base.n + 1}..{first - 1} are in neither Redis nor Postgres"
                )
            )
        if batch.entries and batch.entries[-1].n - first + 1 != len(batch.entries):
            raise Diverged(_report(self._hot.partition, f"Redis misses events between {first} and {batch.n}"))
        return True

    async def _archive(self, base: Head, entries: Sequence[StoredEntry]) -> Head:
        duties = self._hot.duties(entries)
        async with self._connections.connection() as connection:
            head = await archive.append(connection, self._hot.partition, base, entries, duties)
        self._retention.archived(head.n, asyncio.get_running_loop().time())
        if self._heard is not None:
            self._heard(base.n, entries)
        return head

    async def _trim(self, base: Head) -> None:
        ripe = self._retention.due(asyncio.get_running_loop().time())
        if ripe is not None:
            await self._hot.trim(min(ripe, base.n), base.epoch)


def _report(partition: str, what: str) -> str:
    return (
        f"Partition {partition} is stopped: {what}. Restore the tier that lost them from its backup, "
        "then let the healer open the partition again."
    )
