"""Which rows stay in memory, and what it costs to find the others: never more than those rows."""

import gc
from collections.abc import Collection
from typing import Any, ClassVar

import pytest

from awe.api.reading.entries import decoded
from awe.projections import positions
from awe.projections.collecting import uncollected
from awe.projections.folding import fold
from awe.projections.projector import Key, Row, Table
from awe.projections.tables import Statements
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


class Resting(Told):
    """Goals that begin with the first event of their run, and rest from the second one on."""

    def begins(self, entry: Entry) -> bool:
        return entry.version == 1

    def rests(self, row: Row) -> bool:
        return bool(row["story"].startswith("2:"))


async def test_a_row_that_rests_leaves_memory_and_is_found_again(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned, owned.connection() as connection:
        await positions.install(connection, [Resting()], [PARTITION])
        table: Any = VersionTable(Resting(), 1, PARTITION, {})
        kept: list[bool] = []
        for n in (1, 2, 3):
            folded = await table.fold(connection, [decoded(goal(n, "r-00-a", "g"))])
            await table.write(connection, folded)
            table.written(folded)
            kept.append(("g",) in table._rows)
        assert kept == [True, False, True]


async def test_nobody_looks_for_a_row_that_begins(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned, owned.connection() as connection:
        await positions.install(connection, [Resting()], [PARTITION])
        table: Any = VersionTable(Resting(), 1, PARTITION, {})
        asked: list[Collection[Key]] = []

        async def load(_connection: object, _partition: str, keys: Collection[Key]) -> dict[Key, Row]:
            asked.append(keys)
            return {}

        table._statements.load = load
        first, later = decoded(goal(1, "r-00-a", "g")), decoded(goal(2, "r-00-b", "h"))._replace(version=7)
        await table.fold(connection, [first, later, first._replace(version=2)])
        assert asked == [[("h",)]]


async def test_finding_rows_costs_no_more_in_a_large_table_whose_statement_is_old(
    postgres_database: str,
) -> None:
    """A plan that was made while the table was small read all of it, whenever rows were looked for."""
    async with migrated(postgres_database) as owned, owned.connection() as connection:
        await positions.install(connection, [Told()], [PARTITION])
        statements = Statements(Told(), 1)
        for _ in range(
            12
        ):  # from the fifth on the driver prepares it, from the tenth the server keeps its plan
            await statements.load(connection, PARTITION, [("1",)])
        await statements.write(connection, PARTITION, [{"goal": str(n), "story": ""} for n in range(20_000)])
        async with connection.transaction():
            found = await statements.load(connection, PARTITION, [("1",), ("19999",), ("none",)])
            cursor = await connection.execute(
                "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables "
                "WHERE schemaname = 'awe_goals_v1'"
            )
            read = await cursor.fetchone()
        assert len(found) == 2
        assert read == (2,)


def test_nothing_is_collected_meanwhile() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
