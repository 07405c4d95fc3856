"""What the scheduler makes of a run's events, where the stories of `tests/commands/scheduler` do not tell it."""

from typing import NamedTuple

import pytest

from awe.domain.failures import FailureClass
from awe.domain.identifiers import PLANNING, RunId, task_key
from awe.domain.plan.model import Plan
from awe.domain.run.events import CancelRequested, GoalSubmitted, PlanAccepted, PlanProposed, RunFailed
from awe.domain.scheduling import completion
from awe.domain.scheduling.run_schedule import Ahead, RunSchedule
from awe.domain.task.events import OperationStarted, TaskDeadLettered, TaskReady
from awe.domain.task.state import TaskStatus
from awe.domain.task.work import Control

GOAL = GoalSubmitted(tenant="t", goal="g", inputs={}, deadline_ms=1_000)
PLAN = Plan.model_validate({"name": "p", "tasks": [{"id": "a", "tool_requests": [{"tool": "t"}]}]})


class Stamp(NamedTuple):
    n: int
    version: int
    append_id: str
    time_ms: int


def stamp(n: int, append_id: str = "") -> Stamp:
    return Stamp(n, n, append_id or f"u{n}", 10_000)


def planned() -> RunSchedule:
    schedule = RunSchedule(RunId("r"))
    schedule.apply_run(stamp(1), GOAL)
    schedule.apply_run(stamp(2, "plan"), PlanProposed(number=1, digest="ab" * 32))
    schedule.apply_run(stamp(3, "plan"), PlanAccepted(number=1, digest="ab" * 32))
    schedule.adopt(PLAN)
    return schedule


def test_a_run_without_a_goal_or_a_plan_says_so() -> None:
    schedule = RunSchedule(RunId("r"))
    with pytest.raises(LookupError, match="no goal"):
        _ = schedule.goal
    with pytest.raises(LookupError, match="accepted no plan"):
        schedule.adopt(PLAN)
    assert not completion.may_end(schedule, 0)


def test_only_what_restricts_raises_the_control_version_and_once_for_each_append() -> None:
    schedule = planned()
    assert schedule.control == Control()
    schedule.apply_run(stamp(4, "end"), CancelRequested())
    schedule.apply_run(stamp(5, "end"), RunFailed(failure=FailureClass.INTERNAL, message=""))
    assert schedule.control == Control(1, "end")


def test_a_stopped_run_stops_nothing_more() -> None:
    schedule = planned()
    schedule.apply_run(stamp(4), RunFailed(failure=FailureClass.INTERNAL, message=""))
    assert list(completion.stops(schedule, 0)) == []
    assert not completion.may_end(schedule, 0)


def test_a_dead_letter_of_a_task_that_the_plan_does_not_have_is_not_fatal() -> None:
    schedule = planned()
    letter = TaskDeadLettered(failure=FailureClass.TOOL_ERROR, rule="never", cause="", attempts=1)
    schedule.apply_task(task_key("stranger"), stamp(4), letter)
    assert schedule.failing == []
    schedule.apply_task(PLANNING, stamp(5), letter)
    assert [each.task for each in schedule.failing] == [PLANNING]


def test_an_event_that_is_not_read_here_is_no_event_of_a_task() -> None:
    schedule = planned()
    with pytest.raises(TypeError, match="goal_submitted"):
        schedule.apply_task(task_key("a"), stamp(4), GOAL)


def test_a_resolved_outcome_waits_for_nothing() -> None:
    schedule = planned()
    schedule.apply_task(task_key("a"), stamp(4), TaskReady(attempt=1, plan=1))
    track = schedule.apply_task(task_key("a"), stamp(5), None)
    assert (track.version, track.status) == (5, TaskStatus.READY)
    track.due_ms, track.seen_late = 99, True
    schedule.resolved(task_key("a"), TaskStatus.WAITING)
    assert (track.status, track.due_ms, track.seen_late) == (TaskStatus.WAITING, 0, False)
    assert OperationStarted.event_type.startswith("awe.task.operation_started")


def test_outputs_that_lie_in_a_blob_end_the_run_by_their_digest() -> None:
    schedule = planned()
    schedule.preparation.frontier.end(schedule.candidate_of(task_key("a")), None)  # type: ignore[union-attr,arg-type]  # adopted above
    (succeeded,) = completion.end(schedule, {}, "cd" * 32)
    assert succeeded.model_dump()["outputs_blob"] == "cd" * 32


def test_a_deadline_ends_a_run_that_may_not_begin_any_more() -> None:
    schedule = planned()
    assert schedule.may_begin(10_999)
    assert not schedule.may_begin(11_000)
    assert completion.may_end(schedule, 11_000)
    (failed,) = completion.end(schedule, {})
    assert failed.model_dump()["failure"] is FailureClass.DEADLINE_EXCEEDED


def test_what_was_prepared_for_an_acceptance_holds_only_for_that_one() -> None:
    schedule = RunSchedule(RunId("r"))
    schedule.apply_run(stamp(1), GOAL)
    schedule.not_accepted()
    schedule.anticipate(PLAN, {}, Ahead(3, "mine"))
    prepared = schedule.preparation
    schedule.apply_run(stamp(2, "mine"), PlanProposed(number=1, digest="ab" * 32))
    schedule.apply_run(stamp(3, "mine"), PlanAccepted(number=1, digest="ab" * 32))
    assert (schedule.preparation, schedule.ahead, schedule.plan_missing) == (prepared, None, None)


def test_the_acceptance_of_another_scheduler_has_its_plan_read_again() -> None:
    schedule = RunSchedule(RunId("r"))
    schedule.apply_run(stamp(1), GOAL)
    schedule.anticipate(PLAN, {}, Ahead(3, "mine"))
    schedule.apply_run(stamp(2, "other"), PlanProposed(number=1, digest="ab" * 32))
    schedule.apply_run(stamp(3, "other"), PlanAccepted(number=1, digest="ab" * 32))
    assert schedule.preparation is None
    assert schedule.plan_missing is not None


def test_what_was_prepared_for_an_acceptance_that_failed_is_forgotten() -> None:
    schedule = RunSchedule(RunId("r"))
    schedule.apply_run(stamp(1), GOAL)
    schedule.anticipate(PLAN, {}, Ahead(3, "mine"))
    schedule.not_accepted()
    assert (schedule.preparation, schedule.ahead) == (None, None)
