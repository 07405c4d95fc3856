"""What may be decided about a run: each decision returns the events that follow, or raises a `Rejected`.

A repeated command that changes nothing returns no event. What a decision cannot see, the append expects: the end of
a run is decided from all its tasks, and is appended only while the run's last event is the one folded here (I18).
"""

import json
from collections.abc import Iterable, Sequence

from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.identifiers import TaskKey
from awe.domain.rejections import (
    CancelNotRequested,
    IdempotencyConflict,
    PlanInForce,
    PlanMissing,
    ProposalMissing,
    ProposalOpen,
    RunCancelling,
    RunEnded,
    RunMissing,
)
from awe.domain.run.events import (
    FAILING_NAMED,
    FINDINGS_NAMED,
    CancelRequested,
    Finding,
    GoalSubmitted,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunCancelled,
    RunEvent,
    RunFailed,
    RunSucceeded,
)
from awe.domain.run.state import ENDED, PlanRef, Run, RunStatus

Events = tuple[RunEvent, ...]


def submit_goal(
    run: Run,
    *,
    tenant: str,
    goal: str,
    inputs: dict[str, Json],
    tools: tuple[str, ...] | None = None,
    deadline_ms: int | None = None,
    planning: dict[str, Json] | None = None,
    queue: str | None = None,
    priority: int | None = None,
) -> Events:
    """Begin the run; the same goal again changes nothing, another under the same key is a conflict (I19)."""
    submitted = GoalSubmitted(
        tenant=tenant,
        goal=goal,
        inputs=inputs,
        tools=tools,
        deadline_ms=deadline_ms,
        planning=planning,
        queue=queue,
        priority=priority,
    )
    if run.goal is None:
        return (submitted,)
    if _wording(submitted) != _wording(run.goal):
        raise IdempotencyConflict("the idempotency key was used for another goal; choose a new key")
    return ()


def propose_plan(run: Run, *, digest: str, plan: dict[str, Json] | None) -> Events:
    """Put a plan up for acceptance, the first one or a revision; `plan` is None when it lies in the digest's blob."""
    _require_open(run)
    _require_no_proposal(run)
    return (PlanProposed(number=run.proposals + 1, digest=digest, plan=plan),)


def reject_plan(run: Run, *, number: int, findings: Sequence[Finding]) -> Events:
    """Refuse a proposal; of the reasons the first ones are kept, as many as one event can hold."""
    _require_proposal(run, number)
    named = tuple(findings[:FINDINGS_NAMED])
    return (PlanRejected(number=number, findings=named, findings_count=len(findings)),)


def accept_plan(run: Run, *, number: int, contracts: dict[str, str] | None = None) -> Events:
    """Let the tasks of a proposal begin; `contracts` pins which version of each tool the plan means."""
    proposal = _require_proposal(run, number)
    if run.plan is not None:
        raise PlanInForce(f"plan {run.plan.number} is in force; revise it and say why")
    return (PlanAccepted(number=number, digest=proposal.digest, contracts=contracts or None),)


def revise_plan(run: Run, *, number: int, reason: str) -> Events:
    """Replace the plan in force by a proposal."""
    proposal = _require_proposal(run, number)
    _require_plan(run)
    return (PlanRevised(number=number, digest=proposal.digest, reason=reason),)


def request_cancel(run: Run, *, reason: str = "") -> Events:
    _require_begun(run)
    return () if run.status is RunStatus.CANCELLING else (CancelRequested(reason=reason),)


def succeed(run: Run, *, outputs: dict[str, Json] | None = None, outputs_blob: str | None = None) -> Events:
    """End the run with the outputs of its plan, inline or in a blob; the caller knows that no task is unfinished."""
    _require_open(run)
    _require_plan(run)
    _require_no_proposal(run)
    return (RunSucceeded(outputs=outputs, outputs_blob=outputs_blob),)


def fail(run: Run, *, failure: FailureClass, message: str, failing: Iterable[TaskKey] = ()) -> Events:
    """End the run without its goal, in planning or later; the caller knows that no task is at work."""
    _require_open(run)
    _require_no_proposal(run)
    tasks = sorted(failing)
    named = tuple(tasks[:FAILING_NAMED])
    return (RunFailed(failure=failure, message=message, failing=named, failing_count=len(tasks)),)


def cancel(run: Run) -> Events:
    """Complete a requested cancel; the caller knows that no task is at work."""
    _require_begun(run)
    if run.status is not RunStatus.CANCELLING:
        raise CancelNotRequested("nobody asked to cancel the run; request the cancel first")
    return (RunCancelled(),)


def _wording(goal: GoalSubmitted) -> str:
    """The goal as text: unlike `==` on Python values it tells `true` from `1`."""
    return json.dumps(goal.model_dump(mode="json"), sort_keys=True)


def _require_begun(run: Run) -> None:
    if run.status is RunStatus.ABSENT:
        raise RunMissing("no goal was submitted under this run id; check the id")
    if run.status in ENDED:
        raise RunEnded(f"the run has {run.status}; submit a new goal")


def _require_open(run: Run) -> None:
    """The run may still begin something."""
    _require_begun(run)
    if run.status is RunStatus.CANCELLING:
        raise RunCancelling("a cancel was requested; the run can only end as cancelled")


def _require_plan(run: Run) -> None:
    if run.plan is None:
        raise PlanMissing("the run has no plan yet; accept one first")


def _require_no_proposal(run: Run) -> None:
    if run.proposal is not None:
        raise ProposalOpen(f"proposal {run.proposal.number} waits for an answer; accept or reject it first")


def _require_proposal(run: Run, number: int) -> PlanRef:
    _require_open(run)
    if run.proposal is None or run.proposal.number != number:
        raise ProposalMissing(f"proposal {number} does not wait for an answer; read the run again")
    return run.proposal
