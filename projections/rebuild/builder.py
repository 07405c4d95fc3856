"""Fills the table of a version from the archive, page by page, each in one transaction that moves its position.

So whoever is killed goes on with the first page that is not written. The next page is read while one is folded and
written. Memory is bounded by a page and by the rows that are kept, whatever the length of the log.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final

from psycopg import AsyncConnection

from awe.projections import positions
from awe.projections.collecting import uncollected
from awe.projections.folding import Decode, Folded
from awe.projections.ports import Connections
from awe.projections.positions import Fed
from awe.projections.projector import Projector
from awe.projections.rebuild import pages
from awe.projections.rebuild.errors import Poisoned
from awe.projections.rebuild.pages import Page
from awe.projections.rebuild.progress import Pace, Progress
from awe.projections.stored import StoredEntry
from awe.projections.tables import Statements
from awe.projections.version_tables import UNFIT, VersionTable
from awe.projections.views.entry import Entry

ROWS: Final = 10_000
"""Rows kept in memory: those written last."""

NEAR: Final = 2_000
"""A version that lacks fewer events is handed over to the feed, which takes them in a batch or two."""

Tell = Callable[[Progress], None]


class Builder:
    """Builds one version; it is the only one that writes it until it is handed over."""

    def __init__(
        self,
        writing: Connections,
        reading: Connections,
        projector: Projector,
        number: int,
        decode: Decode,
        *,
        park: bool = False,
        page: int = pages.EVENTS,
    ) -> None:
        """``writing`` and ``reading`` are two connections; with ``park`` poison events are parked, not told."""
        self._writing = writing
        self._reading = reading
        self._projector = projector
        self._number = number
        self._decode = decode
        self._park = park
        self._page = page
        self._types = pages.types_of(projector)
        self._pace = Pace()
        self._at: dict[str, int] = {}
        self._heads: dict[str, int] = {}
        self._parked: dict[str, int] = {}

    async def run(self, tell: Tell, until: Mapping[str, int] | None = None) -> None:
        """Build until little is lacking, indexes included; or up to a position of each partition, and no further.

        Raises:
            Poisoned: an event cannot be applied.
            Fenced: somebody else builds this version.
        """
        await self._look()
        while True:
            self._told(tell)
            for partition, head in self._heads.items():
                end = head if until is None else min(head, until.get(partition, 0))
                if self._at.get(partition, end) < end:
                    await self._fill(partition, end, tell)
            if until is not None:
                return
            await self._index()
            await self._look()
            if sum(self._heads.values()) - sum(self._at.values()) < NEAR:
                self._told(tell)
                return

    async def _look(self) -> None:
        async with self._writing.connection() as connection:
            self._heads = await pages.heads(connection)
            cursor = await connection.execute(
                "SELECT partition, n FROM awe.projection_position WHERE name = %s AND version = %s",
                (self._projector.name, self._number),
            )
            self._at = dict(await cursor.fetchall())

    async def _index(self) -> None:
        """Make the indexes, all at once, when the table is full: far cheaper than row by row."""
        statements = Statements(self._projector, self._number)
        async with self._writing.connection() as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", (statements.table,)
            )
            ((there,),) = await cursor.fetchall()
            if there == 1 and statements.create_indexes:
                await connection.execute(statements.create_indexes.encode())
            await connection.execute(f"ANALYZE {statements.table}".encode())

    async def _fill(self, partition: str, head: int, tell: Tell) -> None:
        """Build one partition up to a position."""
        async with self._writing.connection() as connection:
            name, number = self._projector.name, self._number
            parked = await positions.parked(connection, partition, name, number)
            table = VersionTable(self._projector, number, partition, parked, most_rows=ROWS)
            coming = asyncio.create_task(self._read(partition, self._at[partition], head))
            try:
                while self._at[partition] < head:
                    page = await coming
                    coming = asyncio.create_task(self._read(partition, page.to, head))
                    await asyncio.sleep(0)  # the question is on its way before the folding begins
                    with uncollected():
                        await self._apply(connection, partition, table, page)
                    self._parked[partition] = len(table.parked)
                    self._told(tell)
            finally:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    async def _read(self, partition: str, after: int, head: int) -> Page:
        if after >= head:
            return Page(after, ())
        async with self._reading.connection() as connection:
            return await pages.page(connection, partition, after, min(head, after + self._page), self._types)

    async def _apply(
        self, connection: AsyncConnection[Any], partition: str, table: VersionTable, page: Page
    ) -> None:
        here = [Fed(self._projector.name, self._number, self._at[partition], None)]
        entries = [self._decoded(partition, each) for each in page.entries]
        folded = await table.fold(connection, entries)
        self._refuse(partition, entries, folded)
        try:
            async with connection.transaction():
                await positions.move(connection, partition, here, page.to)
                await table.write(connection, folded)
        except UNFIT:  # some row does not fit the table: which, and of which event?
            async with connection.transaction():
                await positions.move(connection, partition, here, page.to)
                folded = await table.write_one_by_one(connection, entries)
                self._refuse(partition, entries, folded)
        table.written(folded)
        self._at[partition] = page.to

    def _decoded(self, partition: str, stored: StoredEntry) -> Entry:
        try:
            return self._decode(stored)
        except Exception as error:
            raise Poisoned(
                f"event {stored.n} of partition {partition}, run {stored.run}, {stored.type.decode()}, cannot be "
                f"read: {error}"
            ) from error

    def _refuse(self, partition: str, entries: Sequence[Entry], folded: Folded) -> None:
        if self._park or not folded.newly_parked:
            return
        of = {entry.n: entry for entry in entries}
        first = min((each for each in folded.parked.values() if each.n in of), key=lambda each: each.n)
        told = of[first.n]
        raise Poisoned(
            f"event {told.n} of partition {partition}, run {told.run}, {told.type}, cannot be applied to "
            f"{self._projector.name}: {first.error}"
        )

    def _told(self, tell: Tell) -> None:
        done, total = sum(self._at.values()), sum(self._heads.get(name, 0) for name in self._at)
        rate, eta_s = self._pace.at(monotonic(), done, total)
        tell(
            Progress(self._projector.name, self._number, done, total, rate, eta_s, sum(self._parked.values()))
        )
