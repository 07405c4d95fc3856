from typing import Any

import pytest

from awe.domain.rejections import (
    IdempotencyConflict,
    PlanInForce,
    PlanMissing,
    ProposalMissing,
    ProposalOpen,
    RunCancelling,
    RunEnded,
    RunMissing,
)
from awe.domain.run.decisions import accept_plan, propose_plan, reject_plan, revise_plan, submit_goal
from awe.domain.run.events import (
    FINDINGS_NAMED,
    CancelRequested,
    Finding,
    GoalSubmitted,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunCancelled,
)
from awe.domain.run.state import PlanRef, Run, RunStatus, evolve
from support.decider import Decider

given = Decider(Run(), evolve).given

DIGEST = "d" * 64
PLAN: dict[str, Any] = {"name": "p"}
SUBMITTED = GoalSubmitted(tenant="acme", goal="sum", inputs={"n": 1})
FINDING = Finding(code="P004", path="/tasks/0", message="cycle")


def proposed(number: int = 1) -> PlanProposed:
    return PlanProposed(number=number, digest=DIGEST, plan=PLAN)


def rejected(number: int = 1) -> PlanRejected:
    return PlanRejected(number=number, findings=(FINDING,), findings_count=1)


def accepted(number: int = 1) -> PlanAccepted:
    return PlanAccepted(number=number, digest=DIGEST)


def test_a_goal_begins_a_run() -> None:
    run = given().when(submit_goal, tenant="acme", goal="sum", inputs={"n": 1}).then(SUBMITTED)
    assert run == Run(RunStatus.PLANNING, goal=SUBMITTED)


def test_i19_the_same_goal_again_changes_nothing() -> None:
    given(SUBMITTED).when(submit_goal, tenant="acme", goal="sum", inputs={"n": 1}).nothing()
    given(SUBMITTED, CancelRequested(), RunCancelled()).when(
        submit_goal, tenant="acme", goal="sum", inputs={"n": 1}
    ).nothing()


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": "other"},
        {"goal": "multiply"},
        {"inputs": {"n": 2}},
        {"inputs": {"n": True}},
        {"tools": ("git.log",)},
        {"deadline_ms": 1},
    ],
)
def test_i19_another_goal_under_the_same_key_is_a_conflict(other: dict[str, Any]) -> None:
    goal: dict[str, Any] = {"tenant": "acme", "goal": "sum", "inputs": {"n": 1}, **other}
    given(SUBMITTED).when(submit_goal, **goal).rejected(IdempotencyConflict)


def test_a_plan_is_proposed_for_a_goal() -> None:
    run = given(SUBMITTED).when(propose_plan, digest=DIGEST, plan=PLAN).then(proposed())
    assert run.proposal == PlanRef(1, DIGEST)


def test_a_large_plan_is_proposed_by_its_digest() -> None:
    given(SUBMITTED).when(propose_plan, digest=DIGEST, plan=None).then(PlanProposed(number=1, digest=DIGEST))


def test_one_proposal_is_answered_before_the_next() -> None:
    given(SUBMITTED, proposed()).when(propose_plan, digest=DIGEST, plan=PLAN).rejected(ProposalOpen)


def test_a_rejected_proposal_may_be_followed_by_another() -> None:
    history = given(SUBMITTED, proposed())
    assert history.when(reject_plan, number=1, findings=[FINDING]).then(rejected()).proposal is None
    given(SUBMITTED, proposed(), rejected()).when(propose_plan, digest=DIGEST, plan=PLAN).then(proposed(2))


def test_of_many_findings_as_many_are_kept_as_an_event_can_hold() -> None:
    given(SUBMITTED, proposed()).when(reject_plan, number=1, findings=[FINDING] * 1_000).then(
        PlanRejected(number=1, findings=(FINDING,) * FINDINGS_NAMED, findings_count=1_000)
    )


def test_an_accepted_proposal_is_the_plan() -> None:
    run = given(SUBMITTED, proposed()).when(accept_plan, number=1).then(accepted())
    assert run == Run(RunStatus.RUNNING, SUBMITTED, proposals=1, plan=PlanRef(1, DIGEST))


def test_a_plan_is_revised_by_another_proposal_with_a_reason() -> None:
    history = given(SUBMITTED, proposed(), accepted(), proposed(2))
    run = history.when(revise_plan, number=2, reason="moved").then(
        PlanRevised(number=2, digest=DIGEST, reason="moved")
    )
    assert run.plan == PlanRef(2, DIGEST)
    assert run.proposal is None


def test_a_plan_in_force_is_not_accepted_over() -> None:
    given(SUBMITTED, proposed(), accepted(), proposed(2)).when(accept_plan, number=2).rejected(PlanInForce)


def test_there_is_nothing_to_revise_before_the_first_plan() -> None:
    given(SUBMITTED, proposed()).when(revise_plan, number=1, reason="r").rejected(PlanMissing)


@pytest.mark.parametrize("history", [(SUBMITTED,), (SUBMITTED, proposed(), rejected(), proposed(2))])
def test_only_the_proposal_that_waits_is_answered(history: tuple[Any, ...]) -> None:
    given(*history).when(accept_plan, number=1).rejected(ProposalMissing)
    given(*history).when(reject_plan, number=1, findings=[]).rejected(ProposalMissing)
    given(*history).when(revise_plan, number=1, reason="r").rejected(ProposalMissing)


def test_nothing_is_planned_without_a_goal() -> None:
    given().when(propose_plan, digest=DIGEST, plan=PLAN).rejected(RunMissing)


def test_nothing_is_planned_after_a_cancel_request() -> None:
    history = given(SUBMITTED, proposed(), CancelRequested())
    history.when(accept_plan, number=1).rejected(RunCancelling)
    history.when(propose_plan, digest=DIGEST, plan=PLAN).rejected(RunCancelling)


def test_nothing_is_planned_after_the_end() -> None:
    given(SUBMITTED, CancelRequested(), RunCancelled()).when(propose_plan, digest=DIGEST, plan=PLAN).rejected(
        RunEnded
    )
