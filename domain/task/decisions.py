"""What may be decided about a task as a whole: each decision returns the events that follow, or raises a `Rejected`.

An attempt ends by its own report, by the loss of its worker, or by a cancel; only the attempt that holds the claim is
heard. A failure is judged by the policy once, where it ends an attempt, and the verdict stands in the event.

`identity` is the task's run id and key: it only spreads retries in time. All times are milliseconds.
"""

from awe.domain.contracts import Effect
from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.rejections import (
    ClaimHeld,
    OutcomeUnresolved,
    StaleAttempt,
    TaskExists,
    TaskMissing,
    TaskNotFailed,
    TaskNotReady,
    TaskNotWaiting,
)
from awe.domain.retry import Retry, judge
from awe.domain.task.events import (
    OutcomeUnknown,
    RetryScheduled,
    TaskCancelled,
    TaskClaimed,
    TaskDeadLettered,
    TaskEvent,
    TaskReady,
    TaskSkipped,
    TaskSucceeded,
)
from awe.domain.task.fencing import require_call_over, require_claim, require_no_open_call, require_unended
from awe.domain.task.state import Task, TaskStatus

Events = tuple[TaskEvent, ...]


def make_ready(task: Task, *, plan: int, work: Json = None, work_blob: str | None = None) -> Events:
    """Offer the task to a worker: for the first time, when a retry is due, or after a late success."""
    require_unended(task)
    if task.status not in {TaskStatus.ABSENT, TaskStatus.WAITING}:
        raise TaskNotWaiting(f"the task is {task.status}; it is made ready when it is new or a retry is due")
    return (TaskReady(attempt=task.attempt + 1, plan=plan, work=work, work_blob=work_blob),)


def skip(task: Task, *, reason: str) -> Events:
    require_unended(task)
    if task.status is not TaskStatus.ABSENT:
        raise TaskExists(f"the task is {task.status}; only a task that never began is skipped")
    return (TaskSkipped(reason=reason),)


def claim(task: Task, *, attempt: int, worker: str, lease_ms: int) -> Events:
    """Take the task for the attempt that it was made ready for.

    `TaskEnded` and `StaleAttempt` say that the message which offered it may be dropped, `TaskNotReady` that another
    worker came first.
    """
    require_unended(task)
    if attempt != task.attempt:
        raise StaleAttempt(
            f"attempt {attempt} was offered, the task is at attempt {task.attempt}; drop the message"
        )
    if task.status is not TaskStatus.READY:
        raise TaskNotReady(f"the task is {task.status}; wait until it is offered again")
    return (TaskClaimed(attempt=attempt, worker=worker, lease_ms=lease_ms),)


def succeed(task: Task, *, attempt: int, output: Json = None, output_blob: str | None = None) -> Events:
    """End the task with its output; the outcome of each of its operations is known by then."""
    require_claim(task, attempt)
    require_no_open_call(task)
    for operation in task.operations:
        if not operation.settled:
            raise OutcomeUnresolved(
                f"the outcome of operation {operation.index} is not known; repeat it first"
            )
    return (TaskSucceeded(attempt=attempt, output=output, output_blob=output_blob),)


def fail(task: Task, *, attempt: int, failure: FailureClass, message: str, identity: str) -> Events:
    """End the attempt without a result: another follows after a delay, or the task becomes a dead letter."""
    require_claim(task, attempt)
    require_no_open_call(task)
    return (_verdict(task, failure, message, identity),)


def lose_worker(task: Task, *, attempt: int, now_ms: int, skew_ms: int, identity: str) -> Events:
    """End the attempt of a worker whose lease ran out.

    What that worker began and did not report decides: a write that must not be repeated leaves an unknown outcome,
    all else is judged like any failure. A write is not judged before its call is over, since it may still act (I21);
    a read has no effect to wait for.
    """
    require_claim(task, attempt)
    message = f"the lease of attempt {attempt} ran out without a report"
    operation = task.open_operation
    if operation is not None and operation.effect is not Effect.READ:
        require_call_over(operation, now_ms=now_ms, skew_ms=skew_ms)
        if not operation.repeatable:
            lost = OutcomeUnknown(
                attempt=attempt,
                index=operation.index,
                generation=operation.generation,
                failure=FailureClass.WORKER_LOST,
                message=message,
            )
            return (lost,)
    return (_verdict(task, FailureClass.WORKER_LOST, message, identity),)


def judge_failure(task: Task, *, identity: str) -> Events:
    """Let the policy speak on an unknown outcome that turned out to be a failure."""
    require_unended(task)
    if task.status is not TaskStatus.FAILED or task.failure is None:
        raise TaskNotFailed(
            f"the task is {task.status}; only the failure of an unknown outcome is judged later"
        )
    return (_verdict(task, task.failure.failure, task.failure.message, identity),)


def give_up(task: Task, *, failure: FailureClass, rule: str, cause: str) -> Events:
    """Make a dead letter of a task that no worker holds: its deadline passed, or its condition cannot be judged."""
    require_unended(task)
    if task.status is TaskStatus.CLAIMED:
        raise ClaimHeld(f"attempt {task.attempt} holds the task; wait for its report or the end of its lease")
    if task.status is TaskStatus.UNKNOWN:
        raise OutcomeUnresolved("an operation's outcome is not known; resolve or cancel it first")
    return (TaskDeadLettered(failure=failure, rule=rule, cause=cause, attempts=task.attempts),)


def cancel(task: Task, *, reason: str = "") -> Events:
    """Stop a task that makes no call at the moment; a call under way is reported first, never cut off unseen."""
    require_unended(task)
    if task.status is TaskStatus.ABSENT:
        raise TaskMissing("nothing happened in this task; the end of its run implies its own")
    require_no_open_call(task)
    return (TaskCancelled(attempt=_claim_of(task), reason=reason),)


def _verdict(task: Task, failure: FailureClass, message: str, identity: str) -> TaskEvent:
    decision = judge(failure, attempt=task.attempt, identity=identity)
    if isinstance(decision, Retry):
        return RetryScheduled(
            attempt=_claim_of(task),
            failure=failure,
            rule=decision.rule,
            message=message,
            delay_ms=decision.delay_ms,
        )
    return TaskDeadLettered(
        attempt=_claim_of(task), failure=failure, rule=decision.rule, cause=message, attempts=task.attempts
    )


def _claim_of(task: Task) -> int | None:
    """The attempt whose claim ends with the task's next event, if one is held."""
    return task.attempt if task.status is TaskStatus.CLAIMED else None
