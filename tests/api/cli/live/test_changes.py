"""A line tells of one change: when, what, and why."""

import pytest

from awe.api.cli.live.changes import change
from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.run.events import (
    CancelRequested,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunCancelled,
    RunFailed,
    RunSucceeded,
)
from awe.domain.task.events import TaskCancelled, TaskDeadLettered, TaskSkipped, TaskSucceeded
from awe.projections.views.run import RunView
from support.run_entries import DIGEST, RUN, entries, goal, planned
from support.task_events import claimed, did, did_not, ready, retry, unknown

BEGUN = (*planned({"id": "a"}), ("a", ready()), ("a", claimed()))
DEAD = TaskDeadLettered(attempt=1, failure=FailureClass.AUTH, rule="r", cause="no key", attempts=1)


def last(*told: tuple[str, Event | None]) -> str | None:
    seen = entries(*told)
    return change(seen[-1], RunView.of(RUN, seen))


def test_a_run_from_goal_to_end() -> None:
    assert last(("run", goal())) == f"  0.0s  run {RUN}: submitted"
    assert last(*planned({"id": "a"})) == "  2.0s  run: plan accepted: notes, tasks: 1"
    assert last(*BEGUN, ("run", RunSucceeded())) == "  5.0s  run: succeeded"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (PlanProposed(number=1, digest=DIGEST), None),
        (PlanRevised(number=1, digest=DIGEST, reason="r"), "run: plan accepted"),
        (PlanRejected(number=1, findings=(), findings_count=3), "run: plan rejected, findings: 3"),
        (CancelRequested(), "run: cancel requested"),
        (CancelRequested(reason="no need"), "run: cancel requested: no need"),
        (RunFailed(failure=FailureClass.TIMEOUT, message="late"), "run: failed, timeout: late"),
        (RunCancelled(), "run: cancelled"),
        (None, None),
    ],
)
def test_the_run(event: Event | None, told: str | None) -> None:
    assert last(("run", goal()), ("run", event)) == (told and f"  1.0s  {told}")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (claimed(), "running"),
        (claimed(2), "running, attempt 2"),
        (did_not(FailureClass.TIMEOUT, definite=False), "call failed, timeout: it broke"),
        (unknown(), "outcome unknown, worker_lost: nobody knows"),
        (retry(), "again in 1.0s, after worker_lost"),
        (TaskSucceeded(attempt=1), "succeeded after 1.0s"),
        (DEAD, "failed, auth: no key"),
        (TaskSkipped(reason="not asked"), "skipped: not asked"),
        (TaskCancelled(), "cancelled"),
        (did(), None),
    ],
)
def test_a_task(event: Event, told: str | None) -> None:
    assert last(*BEGUN, ("a", event)) == (told and f"  5.0s  a: {told}")


def test_a_task_that_was_never_begun_here_took_no_time() -> None:
    assert last(("run", goal()), ("a", TaskSucceeded(attempt=1))) == "  1.0s  a: succeeded"
