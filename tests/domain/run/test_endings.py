from typing import Any, get_args

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from awe.domain.failures import FailureClass
from awe.domain.identifiers import TaskKey
from awe.domain.rejections import (
    CancelNotRequested,
    PlanMissing,
    ProposalOpen,
    RunCancelling,
    RunEnded,
    RunMissing,
)
from awe.domain.run.decisions import cancel, fail, request_cancel, succeed
from awe.domain.run.events import (
    FAILING_NAMED,
    CancelRequested,
    GoalSubmitted,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunCancelled,
    RunEvent,
    RunFailed,
    RunSucceeded,
    restricts,
)
from awe.domain.run.state import Run, RunStatus, evolve
from support.decider import Decider

given = Decider(Run(), evolve).given

DIGEST = "d" * 64
SUBMITTED = GoalSubmitted(tenant="acme", goal="sum", inputs={})
PROPOSED = PlanProposed(number=1, digest=DIGEST, plan={})
ACCEPTED = PlanAccepted(number=1, digest=DIGEST)
RUNNING: tuple[RunEvent, ...] = (SUBMITTED, PROPOSED, ACCEPTED)
FAILURE: dict[str, Any] = {"failure": FailureClass.TOOL_ERROR, "message": "no"}
ENDS: list[RunEvent] = [RunSucceeded(outputs={}), RunFailed(**FAILURE), RunCancelled()]


def test_a_run_succeeds_with_the_outputs_of_its_plan() -> None:
    run = given(*RUNNING).when(succeed, outputs={"sum": 3}).then(RunSucceeded(outputs={"sum": 3}))
    assert run.status is RunStatus.SUCCEEDED


def test_large_outputs_are_named_by_their_blob() -> None:
    given(*RUNNING).when(succeed, outputs_blob=DIGEST).then(RunSucceeded(outputs_blob=DIGEST))


def test_a_run_fails_naming_the_tasks_in_the_way() -> None:
    failing = [TaskKey("b"), TaskKey("a")]
    run = (
        given(*RUNNING)
        .when(fail, failing=failing, **FAILURE)
        .then(RunFailed(failing=(TaskKey("a"), TaskKey("b")), failing_count=2, **FAILURE))
    )
    assert run.status is RunStatus.FAILED


def test_of_many_failing_tasks_as_many_are_named_as_an_event_can_hold() -> None:
    failing = [TaskKey(f"t[{item:04}]") for item in range(1_000)]
    given(*RUNNING).when(fail, failing=failing, **FAILURE).then(
        RunFailed(failing=tuple(failing[:FAILING_NAMED]), failing_count=1_000, **FAILURE)
    )


def test_a_run_may_fail_in_planning() -> None:
    given(SUBMITTED).when(fail, **FAILURE).then(RunFailed(**FAILURE))


def test_a_run_without_a_plan_cannot_succeed() -> None:
    given(SUBMITTED).when(succeed, outputs={}).rejected(PlanMissing)


def test_i18_a_run_does_not_end_while_a_proposal_waits() -> None:
    revising = given(*RUNNING, PlanProposed(number=2, digest=DIGEST, plan={}))
    revising.when(succeed, outputs={}).rejected(ProposalOpen)
    revising.when(fail, **FAILURE).rejected(ProposalOpen)


@pytest.mark.parametrize("history", [(SUBMITTED,), (SUBMITTED, PROPOSED), RUNNING])
def test_a_cancel_is_requested_at_any_time_and_drops_what_was_only_proposed(
    history: tuple[RunEvent, ...],
) -> None:
    run = given(*history).when(request_cancel, reason="enough").then(CancelRequested(reason="enough"))
    assert run.status is RunStatus.CANCELLING
    assert run.proposal is None


def test_a_second_request_changes_nothing() -> None:
    given(*RUNNING, CancelRequested()).when(request_cancel).nothing()


def test_a_requested_cancel_ends_the_run() -> None:
    run = given(*RUNNING, CancelRequested()).when(cancel).then(RunCancelled())
    assert run.status is RunStatus.CANCELLED


def test_nobody_cancels_unasked() -> None:
    given(*RUNNING).when(cancel).rejected(CancelNotRequested)


def test_after_a_cancel_request_a_run_ends_in_no_other_way() -> None:
    cancelling = given(*RUNNING, CancelRequested())
    cancelling.when(succeed, outputs={}).rejected(RunCancelling)
    cancelling.when(fail, **FAILURE).rejected(RunCancelling)


@pytest.mark.parametrize("end", ENDS)
def test_a_run_ends_once(end: RunEvent) -> None:
    ended = given(*RUNNING, CancelRequested(), end)
    ended.when(request_cancel).rejected(RunEnded)
    ended.when(cancel).rejected(RunEnded)
    ended.when(succeed, outputs={}).rejected(RunEnded)
    ended.when(fail, **FAILURE).rejected(RunEnded)


def test_without_a_goal_there_is_nothing_to_end() -> None:
    given().when(request_cancel).rejected(RunMissing)
    given().when(cancel).rejected(RunMissing)
    given().when(succeed, outputs={}).rejected(RunMissing)
    given().when(fail, **FAILURE).rejected(RunMissing)


def test_i11_only_what_takes_back_a_permission_raises_the_control_version() -> None:
    restricting: tuple[RunEvent, ...] = (
        CancelRequested(),
        PlanRevised(number=2, digest=DIGEST, reason="r"),
        *ENDS,
    )
    assert all(map(restricts, restricting))
    assert not any(map(restricts, RUNNING))


EVENTS: tuple[RunEvent, ...] = (
    *RUNNING,
    PlanRejected(number=1, findings=(), findings_count=0),
    PlanRevised(number=2, digest=DIGEST, reason="r"),
    CancelRequested(),
    *ENDS,
)


def test_the_random_histories_know_every_event() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(RunEvent))


@over(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_evolve_is_total(events: list[RunEvent]) -> None:
    assert isinstance(given(*events).state, Run)
