"""A run is shown the same, word for word, from its rows in the read models and from its events."""

import json
from typing import Any, Final

import pytest

from awe.adapters.memory.blobs import MemoryBlobs
from awe.api.cli.runs.run_text import run_text
from awe.api.reading import run_views
from awe.api.reading.documents import run_document
from awe.api.reading.run_views import load, shown
from awe.domain.artifacts import Artifact
from awe.domain.failures import FailureClass
from awe.domain.identifiers import TaskKey
from awe.domain.run.events import (
    CancelRequested,
    Finding,
    GoalSubmitted,
    PlanProposed,
    PlanRejected,
    RunCancelled,
    RunFailed,
    RunSucceeded,
)
from awe.domain.task.events import (
    OperationSucceeded,
    TaskCancelled,
    TaskDeadLettered,
    TaskSkipped,
    TaskSucceeded,
)
from awe.projections.views.run import RunView
from support.reading_room import ReadingRoom, Told, run_id
from support.run_entries import goal, planned
from support.task_events import KEYED, PLAIN, claimed, did, did_not, ready, retry, seen_late, started, unknown

RUN: Final = run_id(1)


def on(task: str, *events: Any) -> list[Told]:
    return [(task, event) for event in events]


def files(*names: str, sha256: str = "e" * 64, **operation: int) -> OperationSucceeded:
    made = tuple(Artifact(name=name, media_type="text/plain", bytes=3, sha256=sha256) for name in names)
    place: dict[str, Any] = {"attempt": 1, "index": 0, "generation": 1, **operation}
    return OperationSucceeded(output="made", artifacts=made, **place)


def worked(task: str = "a") -> list[Told]:
    return on(task, ready(), claimed(), started(), did(1), TaskSucceeded(attempt=1, output={"n": 1}))


DEAD = TaskDeadLettered(
    attempt=1, failure=FailureClass.TOOL_ERROR, rule="r", cause="no such place", attempts=1
)
FAILED = RunFailed(
    failure=FailureClass.TOOL_ERROR, message="a task failed", failing=(TaskKey("a"),), failing_count=1
)
NO = did_not(FailureClass.TOOL_ERROR, definite=True)
FOUND = Finding(code="AWE1", path="/tasks/0", message="no such tool", hint="name another")

TOLD_BY_ROWS: Final[dict[str, list[Told]]] = {
    "nothing planned yet": [("run", goal())],
    "refused plan": [
        ("run", goal()),
        ("run", PlanProposed(number=1, digest="d" * 64, plan={"name": "n", "tasks": []})),
        ("run", PlanRejected(number=1, findings=(FOUND,), findings_count=1)),
        ("run", RunFailed(failure=FailureClass.INVALID_INPUT, message="no plan")),
    ],
    "at work": [
        *planned({"id": "a"}, {"id": "b", "deps": ["a"]}),
        *worked("sys.plan"),
        *on("a", ready(), claimed(), started()),
    ],
    "waits for a retry": [*planned({"id": "a"}), *on("a", ready(), claimed(), started(), NO, retry())],
    "succeeded with files": [
        *planned({"id": "a"}, {"id": "b"}),
        *on("b", ready(), claimed(), started(), files("z.txt"), TaskSucceeded(attempt=1, output="x")),
        *on("a", ready(), claimed(), started(), files("a.txt", sha256="f" * 64)),
        *on("a", started(index=1), files("c.txt", index=1), TaskSucceeded(attempt=1, output_blob="c" * 64)),
        ("run", RunSucceeded(outputs={"z": [1, 2.5, "é", None], "a": 10**20})),
    ],
    "succeeded at the second attempt": [
        *planned({"id": "a"}),
        *on("a", ready(), claimed(), started(), NO, retry(), ready(2), claimed(2)),
        *on("a", started(attempt=2, generation=2), files("n.txt", attempt=2, generation=2)),
        *on("a", TaskSucceeded(attempt=2, output={})),
        ("run", RunSucceeded()),
    ],
    "several files of a call": [
        *planned({"id": "a"}, {"id": "b"}),
        *on("b", ready(), claimed(), started(), files("z.txt", "a.txt", "m.txt")),
        *on(
            "b", started(index=1), files("a.txt", "b.txt", index=1, sha256="f" * 64), TaskSucceeded(attempt=1)
        ),
        *on("a", ready(), claimed(), started(), files("é.txt"), TaskSucceeded(attempt=1)),
    ],
    "failed": [
        *planned({"id": "a"}, {"id": "b", "deps": ["a"]}),
        *on("a", ready(), claimed(), started(), NO, DEAD),
        *on("b", TaskSkipped(reason="what it needs failed")),
        ("run", FAILED),
    ],
    "cancelled": [
        *planned({"id": "a"}, {"id": "b"}),
        *on("a", ready(), claimed(), started(), NO),
        ("run", CancelRequested(reason="no longer wanted")),
        *on("a", TaskCancelled(attempt=1, reason="the run is cancelled")),
        ("run", RunCancelled()),
    ],
    "unknown outcome": [
        *planned({"id": "a"}),
        *on("a", ready(), claimed(), started(KEYED), did(1), started(PLAIN, index=1), unknown(index=1)),
    ],
    "for each": [
        *planned({"id": "a", "for_each": {"items": {"$from": "inputs"}, "max_items": 30}}),
        *[told for n in range(12) for told in worked(f"a[{n}]")],
        *on("a[12]", ready(), claimed(), started(), NO, DEAD),
        *on("a[13]", ready()),
    ],
    "written by a newer release too": [
        *planned({"id": "a"}),
        ("run", None),
        *worked(),
        ("a", None),
        ("run", RunSucceeded(outputs={})),
        ("run", None),
    ],
    "a late success": [
        *planned({"id": "a"}),
        *on("a", ready(), claimed(), started(), retry(), ready(2), claimed(2), seen_late(1)),
        *on("a", TaskSucceeded(attempt=2)),
    ],
}
TOLD_BY_EVENTS: Final[dict[str, list[Told]]] = {
    "a goal that is cut": [("run", goal("write " * 300))],
    "a message that is cut": [("run", goal()), ("run", FAILED.model_copy(update={"message": "m" * 900}))],
    "NUL": [("run", GoalSubmitted(tenant="t", goal="g", inputs={"a": "b\0c"}))],
    "a failure seen late": [
        *planned({"id": "a"}),
        *on("a", ready(), claimed(), started(PLAIN), unknown()),
        *on("a", seen_late(failure=FailureClass.TOOL_ERROR)),
    ],
    "an unknown call that was made twice": [
        *planned({"id": "a"}),
        *on("a", ready(), claimed(), started(KEYED), retry(), ready(2), claimed(2)),
        *on("a", started(KEYED, attempt=2), unknown(attempt=2)),
    ],
    "files of one name of a call": [
        *planned({"id": "a"}),
        *on("a", ready(), claimed(), started(), files("z.txt", "a.txt", "z.txt"), TaskSucceeded(attempt=1)),
    ],
    "several files of two successes": [
        *planned({"id": "a"}),
        *on("a", ready(), claimed(), started(), retry(), ready(2), claimed(2), started(attempt=2)),
        *on("a", files("n.txt", "l.txt", attempt=2), TaskSucceeded(attempt=2)),
        *on("a", seen_late(1).model_copy(update={"artifacts": files("m.txt").artifacts})),
    ],
    "files of two successes": [
        *planned({"id": "a"}),
        *on("a", ready(), claimed(), started(), retry(), ready(2), claimed(2), started(attempt=2)),
        *on("a", files("n.txt", attempt=2), TaskSucceeded(attempt=2)),
        *on("a", seen_late(1).model_copy(update={"artifacts": files("m.txt").artifacts})),
    ],
}


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose events were folded since."""
    found: list[str] = []

    async def noted(log: Any, run: str, blobs: Any = None) -> RunView:
        found.append(run)
        return await load(log, run, blobs)

    monkeypatch.setattr(run_views, "load", noted)
    monkeypatch.setattr("time.time_ns", lambda: 2 * 10**18)
    return found


async def same(room: ReadingRoom, run: str = RUN) -> RunView:
    """The view of the run, the same from either source."""
    seen = await shown(room.sources, room.partition, run, room.blobs)
    told = await load(room.tiers.log, run, room.blobs)
    assert run_document(seen.view) == run_document(told)
    assert json.dumps(run_document(seen.view)) == json.dumps(run_document(told))
    assert run_text(seen.view) == run_text(told)
    assert not seen.stale
    return seen.view


@pytest.mark.parametrize("story", TOLD_BY_ROWS)
async def test_what_the_rows_tell_is_what_the_events_tell(
    room: ReadingRoom, folded: list[str], story: str
) -> None:
    await room.happen(RUN, *TOLD_BY_ROWS[story])
    await room.project()
    assert (await same(room)).events == len(TOLD_BY_ROWS[story])
    assert not folded


@pytest.mark.parametrize("story", TOLD_BY_EVENTS)
async def test_where_the_rows_do_not_tell_all_the_events_do(
    room: ReadingRoom, folded: list[str], story: str
) -> None:
    await room.happen(RUN, *TOLD_BY_EVENTS[story])
    await room.project()
    assert (await same(room)).events == len(TOLD_BY_EVENTS[story])
    assert folded == [RUN]


async def test_plan_and_outputs_are_fetched_where_they_lie_in_blobs(
    room: ReadingRoom, folded: list[str]
) -> None:
    plan = {"name": "notes", "tasks": [{"id": "a", "tool_requests": [{"tool": "t"}]}]}
    digest = await room.blobs.put(json.dumps(plan).encode())
    outputs = await room.blobs.put(b'{"x": 1}')
    await room.happen(RUN, ("run", goal()), ("run", PlanProposed(number=1, digest=digest)))
    await room.happen(RUN, ("run", RunSucceeded(outputs_blob=outputs)))
    await room.project()
    view = await same(room)
    assert view.plan is not None
    assert (view.plan.name, view.outputs, folded) == ("notes", {"x": 1}, [])
    room.blobs = MemoryBlobs()
    assert (await same(room)).plan is None


async def test_a_run_behind_the_read_models_is_told_by_its_events(
    room: ReadingRoom, folded: list[str]
) -> None:
    await room.happen(RUN, *planned({"id": "a"}))
    await room.project()
    await room.happen(RUN, *worked())
    assert len((await same(room)).tasks) == 1
    assert folded == [RUN]


async def test_a_log_that_others_keep_busy_makes_no_run_old(room: ReadingRoom, folded: list[str]) -> None:
    await room.happen(RUN, *planned({"id": "a"}))
    await room.project()
    await room.happen(run_id(2), *planned({"id": "a"}), *worked())
    await same(room)
    assert not folded


async def test_read_models_far_behind_are_not_waited_for(
    room: ReadingRoom, folded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_views, "_FAR", 3)
    await room.happen(RUN, *planned({"id": "a"}))
    await room.project()
    await room.happen(run_id(2), *planned({"id": "a"}), *worked())
    await same(room)
    assert folded == [RUN]


async def test_a_run_that_only_the_log_knows(room: ReadingRoom, folded: list[str]) -> None:
    await room.happen(RUN, *planned({"id": "a"}))
    await same(room)
    await room.project()
    await room.sql("DELETE FROM awe_run_details_v1.run_details")
    await same(room)
    assert folded == [RUN, RUN]


async def test_i28_a_parked_run_is_told_by_its_events(room: ReadingRoom, folded: list[str]) -> None:
    await room.happen(RUN, *planned({"id": "a"}), *worked())
    await room.project()
    await room.sql(
        "INSERT INTO awe.parked (name, version, partition, sequence, n, events, error) "  # noqa: S608 (a test's own)
        f"VALUES ('tasks', 1, '{room.partition}', '{RUN}', 1, 1, 'e')"
    )
    await same(room)
    assert folded == [RUN]


async def test_a_run_that_never_was(room: ReadingRoom) -> None:
    await room.happen(RUN, *planned({"id": "a"}))
    await room.project()
    assert not (await same(room, run_id(7))).events


@pytest.mark.parametrize(
    "how",
    [
        "DROP SCHEMA awe_read CASCADE",
        "UPDATE awe.projection SET code = '99' WHERE name = 'runs'",
        "UPDATE awe.projection SET live = false WHERE name = 'tasks'",
        "DELETE FROM awe.projection_position WHERE name = 'operations'",
        "DROP SCHEMA awe CASCADE",
    ],
)
async def test_read_models_of_another_release_are_not_read(
    room: ReadingRoom, folded: list[str], how: str
) -> None:
    await room.happen(RUN, *planned({"id": "a"}), *worked())
    await room.project()
    await room.sql(how)
    await same(room)
    assert folded == [RUN]
