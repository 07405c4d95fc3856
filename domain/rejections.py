"""A rejection is an answer, not an accident: the state does not allow what was asked, and the code says why.

Codes are stable; messages are for people and may change. A rejected decision appends nothing.

Rejected
├── RunRejected
│   ├── IdempotencyConflict    idempotency_conflict    the key was used for another goal
│   ├── RunMissing             run_missing             no goal was submitted
│   ├── RunEnded               run_ended               the run has ended
│   ├── RunCancelling          run_cancelling          a cancel was requested: nothing new begins
│   ├── CancelNotRequested     cancel_not_requested    a run ends as cancelled only on request
│   ├── ProposalOpen           proposal_open           a proposed plan waits to be accepted or rejected
│   ├── ProposalMissing        proposal_missing        this proposal does not wait for an answer
│   ├── PlanMissing            plan_missing            no plan was accepted yet
│   └── PlanInForce            plan_in_force           a plan was accepted before: it can only be revised
├── TaskRejected
│   ├── TaskMissing            task_missing            nothing happened in this task yet
│   ├── TaskExists             task_exists             the task has begun: it can no longer be skipped
│   ├── TaskEnded              task_ended              the task has ended
│   ├── TaskNotReady           task_not_ready          nothing offers the task to a worker
│   ├── TaskNotWaiting         task_not_waiting        the task does not wait to be made ready
│   ├── ClaimHeld              claim_held              a worker holds the task
│   ├── TaskNotFailed          task_not_failed         no failure of the task waits to be judged
│   ├── OutcomeUnresolved      outcome_unresolved      an operation's outcome is not known
│   └── StaleAttempt           stale_attempt           the attempt does not hold the claim
└── OperationRejected
    ├── OperationMissing       operation_missing       no intent of this operation was recorded
    ├── OperationOpen          operation_open          an operation waits for its result
    ├── OperationNotOpen       operation_not_open      the operation does not wait for a result
    ├── OperationSettled       operation_settled       its outcome is known: use it, or raise the generation
    ├── OperationRepeated      operation_repeated      an attempt makes an operation once per generation
    ├── OperationOutOfOrder    operation_out_of_order  an operation before it has not been made
    ├── WrongGeneration        wrong_generation        the generation is neither the present one nor the next
    ├── RequestChanged         request_changed         another call needs a new generation
    ├── NoTimeLeft             no_time_left            the call would have to end before it begins
    ├── CallStillPossible      call_still_possible     the call may still act: judge it after `judge_after_ms`
    └── NotLate                not_late                the attempt holds the claim and reports in the ordinary way
"""

from typing import ClassVar


class Rejected(Exception):  # noqa: N818 (an answer, not an error)
    """Base of all rejections; `code` is stable."""

    code: ClassVar[str]


class RunRejected(Rejected):
    pass


class TaskRejected(Rejected):
    pass


class OperationRejected(Rejected):
    pass


class IdempotencyConflict(RunRejected):
    code = "idempotency_conflict"


class RunMissing(RunRejected):
    code = "run_missing"


class RunEnded(RunRejected):
    code = "run_ended"


class RunCancelling(RunRejected):
    code = "run_cancelling"


class CancelNotRequested(RunRejected):
    code = "cancel_not_requested"


class ProposalOpen(RunRejected):
    code = "proposal_open"


class ProposalMissing(RunRejected):
    code = "proposal_missing"


class PlanMissing(RunRejected):
    code = "plan_missing"


class PlanInForce(RunRejected):
    code = "plan_in_force"


class TaskMissing(TaskRejected):
    code = "task_missing"


class TaskExists(TaskRejected):
    code = "task_exists"


class TaskEnded(TaskRejected):
    code = "task_ended"


class TaskNotReady(TaskRejected):
    code = "task_not_ready"


class TaskNotWaiting(TaskRejected):
    code = "task_not_waiting"


class ClaimHeld(TaskRejected):
    code = "claim_held"


class TaskNotFailed(TaskRejected):
    code = "task_not_failed"


class OutcomeUnresolved(TaskRejected):
    code = "outcome_unresolved"


class StaleAttempt(TaskRejected):
    code = "stale_attempt"


class OperationMissing(OperationRejected):
    code = "operation_missing"


class OperationOpen(OperationRejected):
    code = "operation_open"


class OperationNotOpen(OperationRejected):
    code = "operation_not_open"


class OperationSettled(OperationRejected):
    code = "operation_settled"


class OperationRepeated(OperationRejected):
    code = "operation_repeated"


class OperationOutOfOrder(OperationRejected):
    code = "operation_out_of_order"


class WrongGeneration(OperationRejected):
    code = "wrong_generation"


class RequestChanged(OperationRejected):
    code = "request_changed"


class NoTimeLeft(OperationRejected):
    code = "no_time_left"


class CallStillPossible(OperationRejected):
    """The call may still act; whoever wants to judge it comes back when `judge_after_ms` is reached."""

    code = "call_still_possible"

    def __init__(self, judge_after_ms: int) -> None:
        super().__init__(f"the call may still act; judge it from {judge_after_ms} ms on")
        self.judge_after_ms = judge_after_ms


class NotLate(OperationRejected):
    code = "not_late"
