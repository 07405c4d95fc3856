"""How many rows stay in memory: as many as were asked for when they are small, few when each is large."""

import gc
from typing import Any, ClassVar

import pytest

from awe.api.reading.entries import decoded
from awe.projections import positions
from awe.projections.collecting import uncollected
from awe.projections.folding import fold
from awe.projections.projector import Row, Table
from awe.projections.version_tables import FEWEST_ROWS, VersionTable
from awe.projections.views.entry import Entry
from support.archives import PARTITION, migrated
from support.rebuilds import Goals, goal


class Told(Goals):
    """Goals with a story of some length."""

    table = Table(columns={"goal": "text", "story": "text"}, key=("goal",))
    length: ClassVar[int] = 0

    def apply(self, row: Row, entry: Entry) -> None:
        row["story"] = f"{entry.n}:".ljust(self.length, ".")


@pytest.mark.parametrize(("length", "kept"), [(10, 50), (30_000, FEWEST_ROWS)])
async def test_rows_that_are_large_are_kept_far_fewer(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch, length: int, kept: int
) -> None:
    monkeypatch.setattr(Told, "length", length)
    events = [decoded(goal(n, "r-00-a", f"{n}")) for n in range(1, 61)]
    async with migrated(postgres_database) as owned, owned.connection() as connection:
        await positions.install(connection, [Told()], [PARTITION])
        table: Any = VersionTable(Told(), 1, PARTITION, {}, most_rows=50)
        folded = fold(Told(), events, {}, {})
        await table.write(connection, folded)
        table.written(folded)
        assert len(table._rows) == kept
        assert ("60",) in table._rows
        await table.fold(connection, events)  # the others are asked for again
        assert len(table._rows) == 60


def test_nothing_is_collected_meanwhile() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
