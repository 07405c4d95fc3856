"""Steps of a plan: what has not begun is there too, and items of one task are one step."""

from awe.domain.failures import FailureClass
from awe.domain.run.events import CancelRequested, PlanProposed, RunCancelled
from awe.domain.task.events import TaskSkipped, TaskSucceeded
from awe.domain.task.state import TaskStatus
from awe.projections.views.steps import steps, unresolved
from support.run_entries import DIGEST, goal, planned, view
from support.task_events import PLAIN, claimed, ready, retry, started, unknown

DONE = TaskSucceeded(attempt=1)
LOST = (ready(), claimed(), started(PLAIN), unknown())
CHAIN = planned({"id": "a"}, {"id": "b", "deps": ["a"]}, {"id": "c"})


def test_what_is_still_to_come_is_read_from_the_plan() -> None:
    a, b, c = steps(view(*CHAIN, ("a", ready()), ("a", claimed())))
    assert (a.id, a.level, a.status, a.attempts, a.begun_ms, a.ended_ms) == (
        "a",
        0,
        TaskStatus.CLAIMED,
        1,
        5000,
        None,
    )
    assert (b.id, b.level, b.status, b.items, b.begun_ms, b.ended_ms, b.attempts, b.told) == (
        "b",
        1,
        TaskStatus.ABSENT,
        (),
        None,
        None,
        0,
        None,
    )
    assert c.level == 0


def test_without_a_plan_there_is_what_has_events() -> None:
    (only,) = steps(view(("run", goal()), ("sys.plan", ready())))
    assert (only.id, only.status) == ("sys.plan", TaskStatus.READY)


def test_items_are_one_step() -> None:
    each = planned({"id": "e", "for_each": {"items": {"$from": "inputs", "path": "/x"}, "max_items": 9}})
    (step,) = steps(
        view(
            *each,
            ("e[10]", ready()),
            ("e[2]", ready()),
            ("e[2]", claimed()),
            ("e[0]", ready()),
            ("e[0]", claimed()),
            ("e[0]", DONE),
        )
    )
    assert [item.key for item in step.items] == ["e[0]", "e[2]", "e[10]"]
    assert (step.status, step.fans_out, step.ended_ms) == (TaskStatus.CLAIMED, True, None)
    assert step.counts == {TaskStatus.SUCCEEDED: 1, TaskStatus.CLAIMED: 1, TaskStatus.READY: 1}
    assert step.told is step.items[1]


def test_the_engine_comes_first_and_what_an_earlier_plan_left_last() -> None:
    seen = view(*planned({"id": "a"}), ("old", ready()), ("sys.plan", ready()), ("sys.plan", DONE))
    found = steps(seen)
    assert [(step.id, step.status) for step in found] == [
        ("sys.plan", TaskStatus.SUCCEEDED),
        ("a", TaskStatus.ABSENT),
        ("old", TaskStatus.READY),
    ]
    assert found[0].ended_ms == 6000


def lost(*told: tuple[str, object]) -> list[str]:
    seen = view(*CHAIN, *(("a", event) for event in LOST), *told)  # type: ignore[arg-type]  # (pairs of events)
    return [task.key for task in unresolved(seen)]


def test_a_run_is_unresolved_when_all_else_has_ended_or_waits_behind() -> None:
    assert lost(("c", ready()), ("c", claimed()), ("c", DONE)) == ["a"]
    assert lost(("c", TaskSkipped(reason="no"))) == ["a"]


def test_a_run_is_not_unresolved_while_something_can_go_on() -> None:
    assert lost() == [], "c may begin any moment"
    assert lost(("c", ready())) == []
    assert lost(("c", ready()), ("c", claimed()), ("c", retry(1, FailureClass.TIMEOUT))) == []


def test_a_cancelled_run_begins_nothing_more() -> None:
    assert lost(("run", CancelRequested())) == ["a"]
    assert lost(("run", CancelRequested()), ("run", RunCancelled())) == []


def test_nothing_unknown_or_no_plan_is_nothing_unresolved() -> None:
    assert unresolved(view(*CHAIN)) == ()
    assert unresolved(view(("run", goal()), ("run", PlanProposed(number=1, digest=DIGEST)))) == ()
