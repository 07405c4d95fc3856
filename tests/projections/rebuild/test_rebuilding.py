"""A projection is built beside the one that is read, compared, switched to, and given up; each step again after a crash."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from awe.projections.control import ControlRefused, VersionState
from awe.projections.rebuild import effects, rebuilding
from awe.projections.rebuild.errors import NotLevel, Poisoned, ProjectionUnknown
from awe.projections.rebuild.progress import Progress
from awe.projections.rebuild.rebuilding import Workplace
from support.archives import PARTITION
from support.kill_points import DeadlyConnections, Killed, KillPoint
from support.rebuilds import (
    Goals,
    Mended,
    Wider,
    another,
    archived,
    fed,
    goal,
    goals,
    installed,
    read,
    silent,
    versions,
    workplace,
)


async def test_i29_a_new_version_is_read_and_the_old_one_is_fed_until_it_is_dropped(
    postgres_database: str,
) -> None:
    async with workplace(postgres_database) as place:
        head = await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        told: list[Progress] = []
        done = await rebuilding.rebuild(place, Goals(), told.append)
        assert (done.version, done.live) == (2, 2)
        assert done.comparison is not None
        assert done.comparison.report == "1 rows, 1 in version 1"
        assert (told[-1].done, told[-1].total, told[-1].eta_s) == (10, 10, 0.0)
        assert await versions(place.writing) == {1: "fed", 2: "live"}
        await archived(place.writing, goals(11, 5), head)
        await fed(place.writing, Goals())
        assert await read(place.writing) == {"g": 15}
        assert await rebuilding.roll_back(place, "goals", "wrong totals") == 1
        assert await read(place.writing) == {"g": 15}
        await rebuilding.drop(place, "goals", 2)
        assert await versions(place.writing) == {1: "live"}
        assert (await rebuilding.rebuild(place, Goals(), silent)).version == 3
        with pytest.raises(ControlRefused, match="switch to another one first"):
            await rebuilding.drop(place, "goals", 3)
        with another(postgres_database) as sql:
            assert sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'awe_goals_v2'").fetchone() == (0,)


async def test_i29_a_version_may_be_built_compared_and_read_one_after_the_other(
    postgres_database: str,
) -> None:
    async with workplace(postgres_database) as place:
        head = await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        assert (await rebuilding.rebuild(place, Goals(), silent, switch=False)).live == 1
        await archived(place.writing, goals(11, 2), head)
        with pytest.raises(ControlRefused, match="verify it against live version 1"):
            await rebuilding.switch(place, Goals())
        await fed(place.writing, Goals())
        assert (await rebuilding.verify(place, Goals())).equal
        assert await rebuilding.switch(place, Goals()) == 2
        assert await rebuilding.switch(place, Goals(), 2) == 2
        assert await read(place.writing) == {"g": 12}
        for number in (3, 2):
            with pytest.raises(ProjectionUnknown, match=f"has no version {number}"):
                await rebuilding.verify(place, Goals(), number)
        await rebuilding.drop(place, "goals", 1)
        with pytest.raises(ProjectionUnknown, match="rebuild it first"):
            await rebuilding.switch(place, Goals())
        with pytest.raises(ProjectionUnknown, match="no former version"):
            await rebuilding.roll_back(place, "goals", "why not")


async def test_a_projection_that_nobody_installed_is_built_and_read(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 3))
        with pytest.raises(ProjectionUnknown, match="no live version"):
            await rebuilding.verify(place, Goals())
        done = await rebuilding.rebuild(place, Goals(), silent)
        assert (done.version, done.live, done.comparison) == (1, 1, None)
        assert await read(place.writing) == {"g": 3}


async def test_a_version_that_differs_is_read_only_with_a_reason(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, [*goals(1, 10), goal(11, "r-00-b", "other")])
        await installed(place.writing, Goals())
        with another(postgres_database) as sql:
            sql("UPDATE awe_goals_v1.goals SET count = 7 WHERE goal = 'g'")
            sql("DELETE FROM awe_goals_v1.goals WHERE goal = 'other'")
        done = await rebuilding.rebuild(place, Goals(), silent)
        assert (done.version, done.live) == (2, 1)
        assert done.comparison is not None
        assert done.comparison.differing == [
            f"{PARTITION}/g: differs",
            f"{PARTITION}/other: only in version 2",
        ]
        assert await read(place.writing) == {"g": 7}
        with pytest.raises(ControlRefused, match="2 differ"):
            await rebuilding.switch(place, Goals())
        assert await rebuilding.switch(place, Goals(), forced="the old one was wrong") == 2
        assert await read(place.writing) == {"g": 10, "other": 1}


async def test_other_code_is_compared_in_the_columns_that_both_have(postgres_database: str) -> None:
    class Longer(Goals):
        version = 2
        table = replace(Goals.table, columns={**Goals.table.columns, "last": "bigint"})

    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        done = await rebuilding.rebuild(place, Longer(), silent)
        assert done.live == 2
        assert done.comparison is not None
        assert done.comparison.not_compared == ["last"]
        assert "without last" in done.comparison.report
        again = await rebuilding.rebuild(place, Wider(), silent)
        assert again.live == 2  # `last` is new, and holds something
        assert again.comparison is not None
        assert again.comparison.not_compared == ["count"]


async def test_nobody_has_the_code_of_the_version_that_is_read(postgres_database: str) -> None:
    """It is compared where it stands still; a version that is built further already cannot be."""

    class Later(Goals):
        version = 2

    async with workplace(postgres_database) as place:
        head = await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        await archived(place.writing, goals(11, 5), head)
        assert (await rebuilding.rebuild(place, Later(), silent, switch=False)).live == 1
        wanted = r"version 1 of goals stands still at event 10 .* the other one at 15"
        with pytest.raises(NotLevel, match=wanted):
            await rebuilding.rebuild(place, Later(), silent)
        await rebuilding.drop(place, "goals", 2)
        done = await rebuilding.rebuild(place, Later(), silent)
        assert (done.version, done.live) == (3, 3)
        assert done.comparison is not None
        assert done.comparison.positions == {PARTITION: 10}
        assert await read(place.writing) == {"g": 15}


async def test_i29_a_version_that_is_behind_is_not_switched_to(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        await rebuilding.rebuild(place, Goals(), silent, switch=False)
        await rebuilding.verify(place, Goals())
        with another(postgres_database) as sql:
            sql("UPDATE awe.projection_position SET n = 9 WHERE version = 2")
            sql("UPDATE awe.projection SET stopped = 'a test' WHERE version = 2")
        with pytest.raises(NotLevel, match="version 2 of goals stands still at event 9"):
            await rebuilding.switch(place, Goals())
        assert (await versions(place.writing))[1] == "live"
        assert not await effects.read(place.writing, "goals", 2, 9, not_behind=True)
        assert await rebuilding.switch(place, Goals(), forced="I know") == 2


async def test_i29_the_first_switch_follows_its_decision_after_a_crash(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        with pytest.raises(Killed):
            await rebuilding.rebuild(_deadly(place, "switch", after=True), Goals(), silent)
        assert await versions(place.writing) == {1: "fed"}
        async with rebuilding.working(place, "goals") as projection:
            assert projection.live == 1
        assert await versions(place.writing) == {1: "live"}
        assert await read(place.writing) == {"g": 10}


async def test_i28_a_poison_event_ends_a_rebuild_at_its_place_or_is_parked(postgres_database: str) -> None:
    async with workplace(postgres_database, page=2) as place:
        told = [*goals(1, 4), goal(5, "r-00-bad", "poison"), goal(6, "r-00-bad"), *goals(7, 3)]
        await archived(place.writing, told)
        await installed(place.writing, Goals())
        wanted = r"event 5 of partition awe.00, run r-00-bad, awe.run.goal_submitted/2, .* RuntimeError: cannot count"
        with pytest.raises(Poisoned, match=wanted):
            await rebuilding.rebuild(place, Goals(), silent)
        assert await versions(place.writing) == {1: "live", 2: "building"}
        progress: list[Progress] = []
        done = await rebuilding.rebuild(place, Goals(), progress.append, park=True)
        assert (done.version, done.live, progress[0].done, progress[-1].parked) == (2, 2, 4, 1)
        assert await read(place.writing) == {"g": 7}


async def test_i28_a_row_that_does_not_fit_is_a_poison_event_too(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, [*goals(1, 4), goal(5, "r-00-bad", "too many"), *goals(6, 3)])
        with pytest.raises(Poisoned, match=r"event 5 .* out of range"):
            await rebuilding.rebuild(place, Goals(), silent)
        await rebuilding.rebuild(place, Goals(), silent, park=True)
        assert await read(place.writing) == {"g": 7}


async def test_an_event_that_cannot_be_read_ends_a_rebuild_unless_it_is_to_be_parked(
    postgres_database: str,
) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, [*goals(1, 2), goal(3)._replace(body=b"{")])
        with pytest.raises(Poisoned, match=r"event 3 .* cannot be read"):
            await rebuilding.rebuild(place, Goals(), silent)
        await rebuilding.rebuild(place, Goals(), silent, park=True)
        assert await read(place.writing) == {"g": 2}


async def test_what_was_begun_with_other_code_is_dropped(postgres_database: str) -> None:
    notes: list[str] = []
    async with workplace(postgres_database, note=notes.append) as place:
        await archived(place.writing, [*goals(1, 4), goal(5, "r-00-bad", "poison")])
        await installed(place.writing, Goals())
        with pytest.raises(Poisoned):
            await rebuilding.rebuild(place, Wider(), silent)
        await rebuilding.rebuild(place, Mended(), silent, forced="it counts all of them now")
        assert await versions(place.writing) == {1: "fed", 3: "live"}
        assert await read(place.writing) == {"g": 4, "poison": 1}
    assert notes == ["version 2 was begun with other code and is dropped"]


async def test_i29_killed_at_any_step_a_rebuild_goes_on_and_each_event_counts_once(
    postgres_database: str,
) -> None:
    number, killed = 0, list[str]()
    async with workplace(postgres_database, page=4) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        while True:
            number += 1
            point = KillPoint(number)
            deadly = replace(place, writing=DeadlyConnections(place.writing, point))
            before = max(await versions(place.writing))
            try:
                await rebuilding.rebuild(deadly, Goals(), silent)
            except Killed as end:
                killed.append(str(end))
                assert await read(place.writing) == {"g": 10}
                done = await rebuilding.rebuild(place, Goals(), silent)
                assert done.live == done.version
            assert await read(place.writing) == {"g": 10}
            now = await versions(place.writing)
            assert [state for state in now.values() if state != "fed"] == ["live"]
            for old in [each for each, state in now.items() if state == "fed"]:
                await rebuilding.drop(place, "goals", old)
            assert max(now) > before
            if point.reached < number:
                break
    assert len(killed) > 20


@pytest.mark.parametrize("step", ["register", "start_build", "caught_up", "verified", "switch"])
@pytest.mark.parametrize("after", [False, True])
async def test_i29_killed_at_a_decision_the_effect_follows_the_next_time(
    postgres_database: str, step: str, *, after: bool
) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        await rebuilding.rebuild(place, Goals(), silent)  # so that control knows of the first one
        with pytest.raises(Killed):
            await rebuilding.rebuild(_deadly(place, step, after=after), Goals(), silent)
        assert await read(place.writing) == {"g": 10}
        if (step, after) == ("switch", True):
            assert place.control.status("goals").live == 3
            assert (await versions(place.writing))[2] == "live"
        done = await rebuilding.rebuild(place, Goals(), silent)
        # What was switched to already is not built again: a second rebuild is one more version.
        assert done.version == (4 if (step, after) == ("switch", True) else 3)
        assert done.live == done.version
        assert await read(place.writing) == {"g": 10}


async def test_i29_rollback_and_drop_are_done_after_a_crash_between_both(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        await rebuilding.rebuild(place, Goals(), silent)
        with pytest.raises(Killed):
            await rebuilding.roll_back(_deadly(place, "roll_back", after=True), "goals", "wrong")
        assert (await versions(place.writing))[2] == "live"
        with pytest.raises(Killed):
            await rebuilding.drop(_deadly(place, "drop", after=True), "goals", 2)
        assert await versions(place.writing) == {1: "live", 2: "fed"}
        async with rebuilding.working(place, "goals") as projection:
            assert projection.live == 1
        assert await versions(place.writing) == {1: "live"}


async def test_control_that_lost_its_log_learns_from_postgres(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        await rebuilding.rebuild(place, Goals(), silent)
        with pytest.raises(Killed):
            await rebuilding.rebuild(_deadly(place, "caught_up", after=False), Goals(), silent)
    async with workplace(postgres_database) as place:
        async with rebuilding.working(place, "goals") as projection:
            assert projection.live == 2
            assert {number: each.state for number, each in projection.versions.items()} == {
                1: VersionState.CAUGHT_UP,
                2: VersionState.LIVE,
                3: VersionState.BUILDING,
            }
        assert (await rebuilding.rebuild(place, Goals(), silent)).live == 3
        place.control.register("goals", 9, "lost")
        with another(postgres_database) as sql:
            sql("INSERT INTO awe.projection (name, version, code) VALUES ('goals', 7, 'late')")
        async with rebuilding.working(place, "goals") as projection:
            assert 7 not in projection.versions


def _deadly(place: Workplace, step: str, *, after: bool) -> Workplace:
    """The process ends before or after control took this step."""

    class Deadly:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            def call(*args: Any, **options: Any) -> Any:
                if name == step and not after:
                    raise Killed(step)
                found = getattr(place.control, name)(*args, **options)
                if name == step:
                    raise Killed(step)
                return found

            return call

    control: Any = Deadly()
    return replace(place, control=control)
