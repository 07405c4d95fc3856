"""Who may act on a task, and when: the conditions that several decisions share."""

from awe.domain.rejections import (
    CallStillPossible,
    OperationOpen,
    StaleAttempt,
    TaskEnded,
)
from awe.domain.task.operation import Operation
from awe.domain.task.state import ENDED, Task, TaskStatus


def require_unended(task: Task) -> None:
    if task.status in ENDED:
        raise TaskEnded(f"the task has ended as {task.status}; drop the work")


def require_claim(task: Task, attempt: int) -> None:
    """The attempt holds the claim, so it may report and begin."""
    if task.status is TaskStatus.CLAIMED and task.attempt == attempt:
        return
    require_unended(task)
    raise StaleAttempt(
        f"attempt {attempt} does not hold the claim (the task is {task.status}, attempt {task.attempt}); "
        "stop the work and report what was seen as observed late"
    )


def require_no_open_call(task: Task) -> None:
    operation = task.open_operation
    if operation is not None:
        raise OperationOpen(f"operation {operation.index} waits for its result; report that first")


def require_call_over(operation: Operation, *, now_ms: int, skew_ms: int) -> None:
    """The call was killed at its limit by every clock within the tolerated skew: only then may it be judged (I21)."""
    judge_after_ms = operation.call_until_ms + skew_ms
    if now_ms < judge_after_ms:
        raise CallStillPossible(judge_after_ms)
