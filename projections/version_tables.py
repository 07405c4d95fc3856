"""One partition of a version's table, with the rows in memory that were written last: most events follow on those."""

from collections import ChainMap
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from psycopg import AsyncConnection, DataError, IntegrityError

from awe.projections import positions
from awe.projections.folding import Aimed, Folded, Parked, aimed, fold, fold_aimed, sequence_of, told
from awe.projections.projector import Key, Projector, Row
from awe.projections.tables import Statements
from awe.projections.views.entry import Entry

MOST_ROWS: Final = 1_000
"""Rows kept in memory; the ones written longest ago go first."""

ROW_BYTES: Final = 1_000
"""Of rows that are larger as they are written, fewer are kept: one in memory takes several times as much."""

FEWEST_ROWS: Final = 8

UNFIT: Final = (DataError, IntegrityError, TypeError, ValueError)
"""A row that its table refuses, or that is no JSON; all else that can go wrong is no fault of an event."""


class VersionTable:
    """Rows in memory are those of the table as long as nobody else writes it: whoever is fenced makes a new one."""

    def __init__(
        self,
        projector: Projector,
        number: int,
        partition: str,
        parked: Mapping[str, Parked],
        *,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self.projector = projector
        self.number = number
        self.parked = dict(parked)
        self._partition = partition
        self._most_rows = most_rows
        self._statements = Statements(projector, number)
        self._rows: dict[Key, Row] = {}
        self._kept = most_rows

    async def fold(self, connection: AsyncConnection[Any], entries: Sequence[Entry]) -> Folded:
        """What these events change; nothing is written yet."""
        known = self._rows
        events = aimed(self.projector, entries)
        missing = self._missing(events)
        if missing:
            known.update(await self._statements.load(connection, self._partition, missing))
        return fold_aimed(self.projector, events, known, self.parked)

    def _missing(self, events: Sequence[Aimed]) -> Collection[Key]:
        """The rows that may be in the table and are not in memory."""
        known, begins = self._rows, self.projector.begins
        asked: dict[Key, bool] = {}
        for entry, keys, _ in events:
            for key in keys:
                if key not in known and key not in asked:
                    asked[key] = not begins(entry)
        return [key for key, missing in asked.items() if missing]

    async def write(self, connection: AsyncConnection[Any], folded: Folded) -> None:
        """Write what a batch changed, in the transaction that moves the position."""
        if folded.rows:
            size = await self._statements.write(connection, self._partition, tuple(folded.rows.values()))
            fit = self._most_rows * ROW_BYTES * len(folded.rows) // size
            self._kept = min(self._most_rows, max(FEWEST_ROWS, fit))
        if folded.parked:
            await positions.park(connection, self._partition, self.projector.name, self.number, folded.parked)

    async def write_one_by_one(self, connection: AsyncConnection[Any], entries: Sequence[Entry]) -> Folded:
        """The same for events of which one does not fit: what the table refuses parks its sequence."""
        whole = Folded()
        for entry in entries:
            known, parked = ChainMap(whole.rows, self._rows), ChainMap(whole.parked, self.parked)
            one = fold(self.projector, [entry], known, parked)
            try:
                async with connection.transaction():
                    await self.write(connection, one)
            except UNFIT as error:
                one = Folded({}, {sequence_of(self.projector, entry): Parked(entry.n, 1, told(error))}, 1)
                await self.write(connection, one)
            whole.add(one)
        return whole

    def written(self, folded: Folded) -> None:
        """The transaction is committed."""
        self.parked.update(folded.parked)
        rows, rests = self._rows, self.projector.rests
        for key, row in folded.rows.items():
            rows.pop(key, None)
            if not rests(row):
                rows[key] = row
        if len(rows) > self._kept:
            for key in list(islice(rows, len(rows) - self._kept)):
                del rows[key]
