"""Applies archived batches of one partition to the projections' tables, each event exactly once.

What is archived is handed over in memory; who lags behind reads the archive. A batch is folded first, and written in one
transaction that moves the positions, so whoever is killed at any step has written all of it or nothing. The archive
waits for nobody here (I27); an event that cannot be applied parks its run's sequence and holds up no other (I28).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import groupby
from time import monotonic
from typing import Any, Final

from psycopg import AsyncConnection

from awe.projections import archive_reader, positions
from awe.projections.collecting import uncollected
from awe.projections.errors import ArchiveError, Fenced
from awe.projections.folding import Decode, Folded, shared_out
from awe.projections.ports import Connections
from awe.projections.positions import Fed
from awe.projections.projector import Projector
from awe.projections.stored import StoredEntry
from awe.projections.version_tables import UNFIT, VersionTable
from awe.projections.views.entry import Entry

PAGE: Final = 1_000
PAGE_BYTES: Final = 8_000_000
LOOK_S: Final = 2.0
"""How often positions are looked at when nothing is heard of: versions come, are dropped, and fed by others."""

MOST_PARKED: Final = 20
"""So many sequences parked within a minute are no poison events but a broken projector: it is stopped."""

_HELD: Final = 8
"""Batches kept for a projection that is about to take them."""

_AGAIN_S: Final = 0.5

_log = logging.getLogger(__name__)


class Projecting:
    """Feeds one partition of every version that these projectors can feed."""

    def __init__(
        self,
        connections: Connections,
        partition: str,
        projectors: Sequence[Projector],
        decode: Decode,
        *,
        page: int = PAGE,
    ) -> None:
        self._connections = connections
        self._partition = partition
        self._projectors = {each.name: each for each in projectors}
        self._decode = decode
        self._page = page
        self._tables: dict[tuple[str, int], VersionTable] = {}
        self._fed: Sequence[Fed] = ()
        self._look_at = 0.0  # the monotonic time from which on positions are looked at again
        self._parked_at: deque[float] = deque()
        self._heard: deque[tuple[int, Sequence[StoredEntry]]] = deque(maxlen=_HELD)
        self._news = asyncio.Event()

    def hear(self, after: int, entries: Sequence[StoredEntry]) -> None:
        """Take a batch that is archived: the entries behind a position."""
        self._heard.append((after, entries))
        self._news.set()

    async def run(self) -> None:
        """Feed until cancelled; outages are waited out."""
        while True:
            try:
                while await self.step():
                    pass
            except ArchiveError as error:
                self._forget()
                if not isinstance(error, Fenced):
                    _log.warning("The projections of partition %s wait: %s", self._partition, error)
                    await asyncio.sleep(_AGAIN_S)
                continue
            except Exception:  # noqa: BLE001 (what nobody can read stops the read models, never the archive beside them)
                self._forget()
                _log.exception("The read models of partition %s stand still", self._partition)
                await asyncio.sleep(LOOK_S)
                continue
            await self._wait()

    async def step(self) -> bool:
        """Apply one batch to those that are furthest behind; False when there is none.

        Raises:
            Fenced: somebody else feeds them, or they were switched, stopped or dropped: look again.
            ArchiveUnavailable: the batch may have been applied or not: look again.
        """
        async with self._connections.connection() as connection:
            versions = await self._versions(connection)
            if not versions:
                return False
            (at, behind), *_ = [(n, tuple(each)) for n, each in groupby(versions, key=lambda each: each.n)]
            entries = await self._entries(connection, at)
            if not entries:
                return False
            with uncollected():
                await self._apply(connection, behind, entries)
            self._fed = [each._replace(n=entries[-1].n) if each in behind else each for each in versions]
            self._let_go(min(each.n for each in self._fed))
            return True

    async def _versions(self, connection: AsyncConnection[Any]) -> Sequence[Fed]:
        """Those that are fed, the furthest behind first."""
        if monotonic() >= self._look_at:
            known = set(self._fed)
            self._fed = await positions.fed(connection, self._projectors, self._partition)
            mine = {(each.name, each.number) for each in self._fed if each in known}
            for other in self._tables.keys() - mine:  # somebody else wrote it, or it is gone
                del self._tables[other]
            self._look_at = monotonic() + LOOK_S
        return sorted((each for each in self._fed if each.stopped is None), key=lambda each: each.n)

    async def _entries(self, connection: AsyncConnection[Any], after: int) -> Sequence[StoredEntry]:
        for at, entries in self._heard:
            if at <= after < at + len(entries):
                return entries[after - at :]
        return await archive_reader.batch(connection, self._partition, after, self._page, PAGE_BYTES)

    def _let_go(self, n: int) -> None:
        """Nobody takes what stands up to ``n`` any more."""
        while self._heard and self._heard[0][0] + len(self._heard[0][1]) <= n:
            self._heard.popleft()

    async def _apply(
        self, connection: AsyncConnection[Any], versions: Sequence[Fed], stored: Sequence[StoredEntry]
    ) -> None:
        tables = await self._tables_of(connection, versions)
        shares = shared_out([table.projector for table in tables], stored, self._decode)
        mine = list(zip(tables, shares, strict=True))
        changes: Sequence[tuple[VersionTable, Folded]] = [
            (table, await table.fold(connection, theirs)) for table, theirs in mine if theirs
        ]
        if await self._stop_broken(connection, changes):
            raise Fenced(f"a projection of partition {self._partition} was stopped")
        try:
            async with connection.transaction():
                await positions.move(connection, self._partition, versions, stored[-1].n)
                for table, folded in changes:
                    await table.write(connection, folded)
        except UNFIT:  # some row does not fit its table: it must be found, and its sequence parked
            changes = await self._apply_one_by_one(connection, versions, mine, stored[-1].n)
        for table, folded in changes:
            table.written(folded)

    async def _apply_one_by_one(
        self,
        connection: AsyncConnection[Any],
        versions: Sequence[Fed],
        mine: Sequence[tuple[VersionTable, Sequence[Entry]]],
        to: int,
    ) -> Sequence[tuple[VersionTable, Folded]]:
        async with connection.transaction():
            await positions.move(connection, self._partition, versions, to)
            changes = [(table, await table.write_one_by_one(connection, entries)) for table, entries in mine]
        await self._stop_broken(connection, changes)
        return changes

    async def _stop_broken(
        self, connection: AsyncConnection[Any], changes: Sequence[tuple[VersionTable, Folded]]
    ) -> bool:
        now, stopped = monotonic(), False
        while self._parked_at and self._parked_at[0] < now - 60:
            self._parked_at.popleft()
        for table, folded in changes:
            self._parked_at.extend([now] * folded.newly_parked)
            if folded.newly_parked and len(self._parked_at) > MOST_PARKED:
                error = next(iter(folded.parked.values())).error
                why = f"more than {MOST_PARKED} sequences were parked within a minute, the last by {error}"
                _log.error("Projection %s %d is stopped: %s", table.projector.name, table.number, why)
                await positions.stop(connection, table.projector.name, table.number, why)
                self._parked_at.clear()
                stopped = True
        return stopped

    async def _tables_of(
        self, connection: AsyncConnection[Any], versions: Sequence[Fed]
    ) -> Sequence[VersionTable]:
        for name, number, *_ in versions:
            if (name, number) not in self._tables:
                parked = await positions.parked(connection, self._partition, name, number)
                table = VersionTable(self._projectors[name], number, self._partition, parked)
                self._tables[name, number] = table
        return [self._tables[each.name, each.number] for each in versions]

    def _forget(self) -> None:
        """Whatever is in memory may not be what is in the tables."""
        self._fed = ()
        self._look_at = 0.0
        self._tables.clear()

    async def _wait(self) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(LOOK_S):
                await self._news.wait()
        except TimeoutError:
            self._look_at = 0.0
