"""The parts of a rebuild, each for itself: lock, pages, comparison, level, estimate, pace, outages."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from awe.api.reading.entries import decoded
from awe.projections.errors import ArchiveUnavailable
from awe.projections.read_models.runs import Runs
from awe.projections.rebuild import pages, rebuilding
from awe.projections.rebuild.comparing import compare
from awe.projections.rebuild.errors import Busy
from awe.projections.rebuild.estimate import estimate
from awe.projections.rebuild.lock import locked
from awe.projections.rebuild.outages import through_outages
from awe.projections.rebuild.progress import Pace, Progress
from awe.projections.stored import StoredEntry
from support.archives import PARTITION, migrated
from support.rebuilds import Goals, another, archived, goal, goals, installed, read, silent, workplace
from support.waiting import until_async


async def test_whoever_comes_second_is_told_by_whom_and_since_when(postgres_database: str) -> None:
    async with migrated(postgres_database) as one, migrated(postgres_database) as other:
        async with locked(one, "goals", "ana on a"):
            with pytest.raises(
                Busy, match=r"being worked on by ana on a since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
            ):
                async with locked(other, "goals", "bob"):
                    raise AssertionError
            async with locked(other, "runs", "bob"):
                pass
        async with locked(other, "goals", "bob"):
            pass


async def test_a_lock_ends_with_its_process(postgres_database: str) -> None:
    async with migrated(postgres_database) as one, migrated(postgres_database) as other:
        with another(postgres_database) as sql:
            async with locked(one, "goals", "ana"):
                sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
            async with locked(other, "goals", "bob"):
                pass


async def test_pages_hold_what_is_wanted_and_end_early_when_it_is_large(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        small = [goal(n) if n % 2 else goal(n)._replace(type=b"awe.other/1") for n in range(1, 11)]
        head = await archived(owned, small)
        await archived(owned, [goal(n, text="g" * 1_000) for n in range(11, 21)], head)
        types = pages.types_of(Goals())
        assert types == {"awe.run.goal_submitted/1", "awe.run.goal_submitted/2"}
        async with owned.connection() as connection:
            assert await pages.heads(connection) == {PARTITION: 20}
            first = await pages.page(connection, PARTITION, 0, 9, types)
            assert (first.to, [each.n for each in first.entries]) == (9, [1, 3, 5, 7, 9])
            large = await pages.page(connection, PARTITION, 10, 20, types, most_bytes=2_500)
            assert (large.to, [each.n for each in large.entries]) == (13, [11, 12, 13])
            last = await pages.page(connection, PARTITION, 19, 20, types, most_bytes=1)
            assert (last.to, [each.n for each in last.entries]) == (20, [20])
            assert await pages.page(connection, PARTITION, 20, 25, types) == (25, [])


async def test_a_build_goes_on_while_the_log_grows_until_little_is_lacking(postgres_database: str) -> None:
    """What comes in the meantime is built too; the rest is left to the feed."""
    async with workplace(postgres_database, page=1_000) as place:
        head = await archived(place.writing, goals(1, 3_000))
        grown = False
        told: list[Progress] = []

        async with migrated(postgres_database) as owned:

            class Slow(Goals):
                def keys(self, entry: Any) -> Iterable[Any]:
                    nonlocal grown
                    grown = grown or entry.n == 2_999
                    return super().keys(entry)

            growing = asyncio.create_task(_grow(owned, head, lambda: grown))
            done = await rebuilding.rebuild(place, Slow(), told.append)
            await growing
        assert done.live == 1
        assert told[-1].total >= 3_000
        assert sum((await read(place.writing)).values()) >= 3_000


async def _grow(owned: Any, head: Any, ready: Any) -> None:
    async def is_ready() -> bool:
        return bool(ready())

    await until_async(is_ready)
    await archived(owned, goals(3_001, 4_000), head)


async def test_versions_elsewhere_or_with_another_key_are_not_compared(postgres_database: str) -> None:
    class Otherwise(Goals):
        table = Goals.table.__class__(columns={"text": "text", "count": "smallint"}, key=("text",))

        def apply(self, row: Any, entry: Any) -> None:
            row["count"] = min(entry.n, 1)

    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 3))
        await installed(place.writing, Goals())
        await rebuilding.rebuild(place, Goals(), silent, switch=False)
        async with place.writing.connection() as connection:
            await connection.execute("UPDATE awe.projection_position SET n = 2 WHERE version = 2")
            assert await compare(connection, Goals(), 2, 1) is None
            await connection.execute("UPDATE awe.projection_position SET n = 3 WHERE version = 2")
            found = await compare(connection, Goals(), 2, 1)
            assert found is not None
            assert found.equal
            await connection.execute(
                "INSERT INTO awe.parked VALUES ('goals', 2, 'awe.00', 'r-00-1', 1, 1, 'poison')"
            )
            found = await compare(connection, Goals(), 2, 1)
            assert found is not None
            assert not found.equal
            assert found.report == "1 rows, 1 in version 1, 1 sequences parked, 0 in version 1"
        await rebuilding.rebuild(place, Otherwise(), silent, switch=False)
        async with place.writing.connection() as connection:
            with pytest.raises(ValueError, match="different keys"):
                await compare(connection, Otherwise(), 3, 1)


async def test_an_estimate_says_what_there_is_and_changes_nothing(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        nothing = await estimate(owned, Goals(), decoded)
        assert (nothing.events, nothing.seconds, nothing.version) == (0, 0.0, 1)
        told = [*goals(1, 8), StoredEntry(9, b"awe.dreamt/1", b"r\trun\t1\ta\t0\t1", b"{}")]
        head = await archived(owned, told)
        await installed(owned, Goals())
        found = await estimate(owned, Goals(), decoded)
        assert (found.events, found.sampled, found.version, found.table) == (9, 9, 2, "awe_goals_v2.goals")
        assert (found.unknown, found.poisoned) == ({"awe.dreamt/1": 1}, None)
        assert found.seconds > 0
        await archived(owned, [goal(10, text="poison")], head)
        assert "event 10 of partition awe.00" in ((await estimate(owned, Goals(), decoded)).poisoned or "")
        with another(postgres_database) as sql:
            assert sql("SELECT max(version) FROM awe.projection").fetchone() == (1,)
            assert sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'awe_goals_v2'").fetchone() == (0,)


async def test_an_estimate_meets_rows_that_do_not_fit(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        await archived(owned, [goal(1, text="too many")])
        assert "out of range" in ((await estimate(owned, Goals(), decoded)).poisoned or "")


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    assert pace.at(0.0, 500, 1_000) == (None, None)
    assert pace.at(5.0, 600, 1_000) == (20.0, 20.0)
    assert pace.at(20.0, 900, 1_000) == (20.0, 5.0)
    assert pace.at(25.0, 900, 1_000) == (None, None)
    assert pace.at(35.0, 1_000, 1_000) == (10.0, 0.0)


async def test_work_goes_on_after_an_outage_and_not_for_ever() -> None:
    notes: list[str] = []
    tried = 0

    async def work() -> int:
        nonlocal tried
        tried += 1
        if tried < 3:
            raise ArchiveUnavailable("away")
        return tried

    assert await through_outages(work, notes.append) == 3
    assert notes == ["waits for Postgres: away"]

    async def never() -> int:
        raise ArchiveUnavailable("away")

    with pytest.raises(ArchiveUnavailable):
        await through_outages(never, notes.append, patience_s=0.0)


async def test_postgres_may_restart_in_a_rebuild(own_postgres: Any) -> None:
    restarted = False

    async with workplace(own_postgres.url, page=100) as place:
        await archived(place.writing, goals(1, 1_000))
        await installed(place.writing, Goals())

        def tell(progress: Progress) -> None:
            nonlocal restarted
            if progress.done >= 500 and not restarted:
                restarted = True
                own_postgres.kill9()
                own_postgres.start()

        done = await through_outages(
            lambda: rebuilding.rebuild(place, Goals(), tell), place.note, patience_s=30.0
        )
        assert restarted
        assert (done.version, done.live) == (2, 2)
        assert await read(place.writing) == {"g": 1_000}


async def test_rows_beyond_those_in_memory_are_loaded_again(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.projections.rebuild.builder.ROWS", 3)
    async with workplace(postgres_database, page=7) as place:
        await archived(place.writing, [goal(n, text=f"g{n % 10}") for n in range(1, 101)])
        await rebuilding.rebuild(place, Goals(), silent)
        assert await read(place.writing) == {f"g{n}": 10 for n in range(10)}


def test_each_built_in_projection_asks_for_every_version_of_its_events() -> None:
    assert {"awe.run.plan_accepted/1", "awe.run.plan_accepted/2"} <= pages.types_of(Runs())
