"""What lists and a run's page say of a run, and how its tasks are counted."""

from awe.domain.events import Event, Json
from awe.domain.failures import FailureClass
from awe.domain.identifiers import TaskKey
from awe.domain.run.events import (
    CancelRequested,
    Finding,
    GoalSubmitted,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    RunCancelled,
    RunFailed,
    RunSucceeded,
)
from awe.domain.task.events import TaskDeadLettered, TaskSkipped, TaskSucceeded
from awe.projections.projector import Row
from awe.projections.read_models.run_details import RunDetails
from awe.projections.read_models.runs import GOAL_LENGTH, Runs
from support.read_models import rows
from support.run_entries import DIGEST, RUN, entries, goal, planned
from support.task_events import claimed, ready


def run(*told: tuple[str, Event]) -> Row:
    return rows(Runs(), entries(*told))[(RUN,)]


def details(*told: tuple[str, Event]) -> Row:
    return rows(RunDetails(), entries(*told))[(RUN,)]


def test_a_goal_is_a_row_that_is_planned() -> None:
    row = run(("run", goal("write notes")))
    assert row | {"run": RUN, "status": "planning", "goal": "write notes", "tenant": "default"} == row
    assert row | {"actor": "ana", "submitted_ms": 1000, "last_ms": 1000, "n": 1, "tasks_begun": 0} == row
    assert (row["ended_ms"], row["playbook"]) == (None, None)


def test_a_long_goal_is_cut() -> None:
    assert len(run(("run", goal("x" * 5_000)))["goal"]) == GOAL_LENGTH


def test_how_the_plan_is_to_be_found() -> None:
    def planning(**how: Json) -> Row:
        return run(
            ("run", GoalSubmitted(tenant="t", goal="g", inputs={}, planning=how, queue="q", priority=3))
        )

    named = planning(planner="playbook", name="report")
    assert (named["planner"], named["playbook"], named["queue"], named["priority"]) == (
        "playbook",
        "report",
        "q",
        3,
    )
    assert planning(planner="playbook", playbook={"name": "mine"})["playbook"] == "mine"
    assert planning(planner="given", plan={"name": "p"})["playbook"] is None


def test_tasks_are_counted_and_planning_is_none() -> None:
    row = run(
        *planned({"id": "a"}, {"id": "b"}, {"id": "c"}),
        ("sys.plan", ready()),
        ("sys.plan", TaskSucceeded(attempt=1)),
        ("a", ready()),
        ("a", claimed()),
        ("a", ready(2)),
        ("a", TaskSucceeded(attempt=2)),
        ("b", ready()),
        ("b", TaskDeadLettered(failure=FailureClass.TIMEOUT, rule="never", cause="slow", attempts=1)),
        ("c", TaskSkipped(reason="not needed")),
    )
    assert [row[f"tasks_{name}"] for name in ("begun", "succeeded", "dead", "skipped")] == [2, 1, 1, 1]
    assert (row["status"], row["plan_name"]) == ("running", "notes")


def test_every_end_has_its_time_and_its_reason() -> None:
    assert run(("run", goal()), ("run", RunSucceeded(outputs={})))["ended_ms"] == 2000
    failed = run(("run", goal()), ("run", RunFailed(failure=FailureClass.TIMEOUT, message="late")))
    assert (failed["status"], failed["failure"], failed["message"]) == ("failed", "timeout", "late")
    cancelled = run(("run", goal()), ("run", CancelRequested(reason="enough")), ("run", RunCancelled()))
    assert (cancelled["status"], cancelled["message"], cancelled["ended_ms"]) == ("cancelled", "enough", 3000)


def test_the_page_of_a_run() -> None:
    finding = Finding(code="P001", path="/tasks", message="no", hint="yes")
    refused = details(
        (
            "run",
            GoalSubmitted(
                tenant="t",
                goal="g",
                inputs={"a": [1]},
                tools=("x",),
                planning={"planner": "given", "plan": {}},
            ),
        ),
        ("run", PlanProposed(number=1, digest=DIGEST, plan={"name": "n"})),
        ("run", PlanRejected(number=1, findings=(finding,), findings_count=1)),
    )
    assert (refused["inputs"], refused["tools"], refused["planning"]) == (
        {"a": [1]},
        ("x",),
        {"planner": "given"},
    )
    assert (refused["plan"], refused["plan_number"], refused["plan_digest"]) == ({"name": "n"}, 1, DIGEST)
    assert refused["findings"] == [finding.model_dump()]


def test_an_accepted_plan_has_no_findings_and_an_end_has_outputs() -> None:
    done = details(
        ("run", goal()),
        ("run", PlanRejected(number=1, findings=(), findings_count=0)),
        ("run", PlanProposed(number=2, digest=DIGEST)),
        ("run", PlanAccepted(number=2, digest=DIGEST)),
        ("run", CancelRequested(reason="why")),
        ("run", RunSucceeded(outputs={"out": 1}, outputs_blob=DIGEST)),
    )
    assert (done["findings"], done["accepted_ms"], done["plan"], done["cancel_reason"]) == (
        None,
        4000,
        None,
        "why",
    )
    assert (done["outputs"], done["outputs_blob"]) == ({"out": 1}, DIGEST)
    failed = details(
        ("run", goal()),
        ("run", RunFailed(failure=FailureClass.TIMEOUT, message="m", failing=(TaskKey("a"),))),
    )
    assert failed["failing"] == ("a",)
