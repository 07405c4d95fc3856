"""Queries read the columns they were asked for, and find the same by either way of a search."""

from typing import Any

import pytest
from psycopg import AsyncCursor

from awe.domain.run.events import GoalSubmitted
from awe.projections import positions
from awe.projections.folding import fold
from awe.projections.queries import calls, run_details, runs, standing, tasks
from awe.projections.queries.runs import Place, RunFilter
from awe.projections.queries.selecting import listed
from awe.projections.read_models import BUILT_IN
from awe.projections.read_models.runs import Runs
from awe.projections.tables import Statements
from awe.projections.views.entry import Entry
from support.archives import PARTITION, migrated


def test_only_columns_of_the_table_get_into_a_statement() -> None:
    assert listed({"run", "goal"}, Runs.table, "found") == "found.run, found.goal"
    for wrong in (set[str](), {"run; DROP TABLE x"}):
        with pytest.raises(ValueError, match="Ask for some"):
            listed(wrong, Runs.table, "found")


async def filled(connection: Any, count: int) -> None:
    await positions.install(connection, BUILT_IN, [PARTITION])
    kind, entries = GoalSubmitted.event_type, list[Entry]()
    for n in range(count):
        goal = GoalSubmitted(tenant="t", goal=f"goal number {n % 3}", inputs={})
        entries.append(Entry(n + 1, f"r-00-{n:026d}", "run", 1_000 + n, kind, goal, "ann"))
    found = fold(Runs(), entries, {}, {}).rows
    await Statements(Runs(), 1).write(connection, PARTITION, list(found.values()))


@pytest.mark.parametrize("few", [-1, 1_000])
async def test_both_ways_of_a_search_find_the_same(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("awe.projections.queries.runs.FEW", few)
    async with migrated(postgres_database) as owned, owned.connection() as connection:
        await filled(connection, 30)
        asked, execute = list[str](), AsyncCursor[Any].execute

        def noted(cursor: AsyncCursor[Any], query: bytes, *given: Any, **more: Any) -> Any:
            asked.append(query.decode())
            return execute(cursor, query, *given, **more)

        monkeypatch.setattr(AsyncCursor, "execute", noted)
        wanted, seen, after = RunFilter(text="goal 1", statuses=("planning", "failed")), list[str](), None
        while found := await runs.page(connection, ["goal"], wanted, after=after, limit=3):
            assert set(found[0]) == {"partition", "run", "goal", "submitted_ms"}
            seen += [row["run"] for row in found]
            after = Place(found[-1]["submitted_ms"], found[-1]["run"])
        assert any("MATERIALIZED" in each for each in asked) == (few > 0)  # the way that was meant was taken
        assert seen == [f"r-00-{n:026d}" for n in range(28, 0, -3)]
        assert await runs.count(connection, wanted) == 10


async def test_hits_are_not_counted_where_many_are_expected(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.projections.queries.runs.FEW", 20)
    async with migrated(postgres_database) as owned, owned.connection() as connection:
        await filled(connection, 300)
        await connection.execute(f"ANALYZE {Statements(Runs(), 1).table}".encode())
        asked, execute = list[str](), AsyncCursor[Any].execute

        def noted(cursor: AsyncCursor[Any], query: bytes, *given: Any, **more: Any) -> Any:
            asked.append(query.decode())
            return execute(cursor, query, *given, **more)

        monkeypatch.setattr(AsyncCursor, "execute", noted)
        found = await runs.page(connection, ["goal"], RunFilter(text="goal 1"), limit=3)
        assert [row["run"] for row in found] == [f"r-00-{n:026d}" for n in (298, 295, 292)]
        assert not any("count(*)" in each or "MATERIALIZED" in each for each in asked)
        asked.clear()
        assert await runs.page(connection, ["goal"], RunFilter(text="song"), limit=3) == []
        assert any("count(*)" in each for each in asked)
        assert any("MATERIALIZED" in each for each in asked)


async def test_nothing_asked_is_nothing_found(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned, owned.connection() as connection:
        await filled(connection, 1)
        assert await runs.of_keys(connection, ["goal"], []) == {}
        assert await run_details.of_keys(connection, ["inputs"], [(PARTITION, "r")]) == {}
        assert await tasks.pages(connection, ["status"], [], 5) == []
        assert await calls.operations(connection, ["tool"], [calls.TaskRef(PARTITION, "r", "t")], 5) == [[]]
        assert await standing.live_position(connection, ["runs"], "awe.77") is None
        assert await standing.live_position(connection, ["nobody's"], PARTITION) is None
        assert await standing.parked(connection, ["runs"], {}) == {}
