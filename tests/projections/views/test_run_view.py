"""A run's view tells what its events say: goal, plan, end, and what came of it."""

from awe.domain.failures import FailureClass
from awe.domain.identifiers import TaskKey
from awe.domain.run.events import (
    CancelRequested,
    Finding,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunCancelled,
    RunFailed,
    RunSucceeded,
)
from awe.domain.run.state import RunStatus
from awe.projections.views.entry import Entry
from awe.projections.views.run import RunView
from awe.projections.views.summary import GOAL_LENGTH, RunSummary
from support.run_entries import DIGEST, RUN, entries, goal, planned, view
from support.task_events import ready


def test_nothing_seen() -> None:
    nothing = RunView(RUN)
    assert (nothing.status, nothing.ended, nothing.goal, nothing.plan) == (
        RunStatus.ABSENT,
        False,
        None,
        None,
    )


def test_a_goal_and_who_wanted_it() -> None:
    seen = view(("run", goal()))
    assert (seen.status, seen.actor, seen.submitted_ms, seen.n) == (RunStatus.PLANNING, "ana", 1000, 1)
    assert seen.goal == goal()


def test_the_plan_in_force() -> None:
    seen = view(*planned({"id": "a"}))
    assert seen.plan is not None
    assert (seen.status, seen.plan.tasks[0].id, seen.plan_digest) == (RunStatus.RUNNING, "a", DIGEST)


def test_a_plan_in_a_blob_is_read_later() -> None:
    seen = view(
        ("run", goal()),
        ("run", PlanProposed(number=1, digest=DIGEST)),
        ("run", PlanAccepted(number=1, digest=DIGEST)),
    )
    assert (seen.plan, seen.plan_digest) == (None, DIGEST)
    seen.read_plan({"name": "n", "tasks": [{"id": "a", "tool_requests": [{"tool": "t"}]}]})
    assert seen.plan is not None


def test_a_plan_of_a_newer_release_stays_unread() -> None:
    assert view(("run", PlanProposed(number=1, digest=DIGEST, plan={"dreams": 1}))).plan is None


def test_findings_of_a_refused_plan_are_shown_until_one_is_accepted() -> None:
    finding = Finding(code="P020", path="/tasks/0", message="unknown tool", hint="register it")
    refused = (
        *planned({"id": "a"})[:2],
        ("run", PlanRejected(number=1, findings=(finding,), findings_count=1)),
    )
    assert view(*refused).findings == (finding,)
    assert view(*refused, *planned({"id": "a"}, number=2)[1:]).findings == ()


def test_a_revised_plan_replaces_the_first() -> None:
    first, second = planned({"id": "a"}), planned({"id": "b"}, number=2)
    seen = view(*first, second[1], ("run", PlanRevised(number=2, digest=DIGEST, reason="better")))
    assert seen.plan is not None
    assert seen.plan.tasks[0].id == "b"


def test_success() -> None:
    seen = view(*planned({"id": "a"}), ("run", RunSucceeded(outputs={"x": 1}, outputs_blob=None)))
    assert (seen.status, seen.outputs, seen.ended, seen.ended_ms) == (
        RunStatus.SUCCEEDED,
        {"x": 1},
        True,
        4000,
    )
    assert view(("run", RunSucceeded(outputs_blob=DIGEST))).outputs_blob == DIGEST


def test_failure() -> None:
    failed = RunFailed(
        failure=FailureClass.TIMEOUT, message="too slow", failing=(TaskKey("a"),), failing_count=1
    )
    seen = view(("run", goal()), ("run", failed))
    assert (seen.status, seen.failure, seen.message, seen.failing) == (
        RunStatus.FAILED,
        FailureClass.TIMEOUT,
        "too slow",
        ("a",),
    )


def test_cancel() -> None:
    asked = (("run", goal()), ("run", CancelRequested(reason="no need")))
    assert (view(*asked).status, view(*asked).cancel_reason, view(*asked).ended) == (
        RunStatus.CANCELLING,
        "no need",
        False,
    )
    assert view(*asked, ("run", RunCancelled())).status is RunStatus.CANCELLED


def test_i09_what_a_newer_release_wrote_is_passed_over_and_counted() -> None:
    seen = view(("run", goal()), ("run", None), ("a", None))
    assert (seen.status, seen.events, seen.unknown_events, seen.n, seen.last_ms, seen.tasks) == (
        RunStatus.PLANNING,
        3,
        2,
        3,
        3000,
        {},
    )


def test_i09_an_aggregate_of_a_newer_release_is_passed_over() -> None:
    seen = view(("run", goal()))
    seen.apply(Entry(2, RUN, "budget", 2000, ready().event_type, ready()))
    assert (seen.events, seen.tasks) == (2, {})


def test_a_summary_knows_the_run_and_none_of_its_tasks() -> None:
    summary = RunSummary(RUN)
    told = (("run", goal("g" * 500)), ("run", None), ("a", ready()))
    for entry in entries(*told):
        summary.apply(entry)
    assert (summary.status, summary.tenant, summary.submitted_ms, summary.ended_ms) == (
        RunStatus.PLANNING,
        "default",
        1000,
        None,
    )
    assert summary.goal == "g" * GOAL_LENGTH
    for entry in entries(*told, ("run", RunSucceeded()))[3:]:
        summary.apply(entry)
    assert (summary.status, summary.ended_ms) == (RunStatus.SUCCEEDED, 4000)
