"""What a worker may still say of a call after its claim was taken from it (I21).

Nothing is expected of the task's version here, so a late observation decides nothing: it reports. `task.state` says
what it changes; the scheduler, which reads it in the log, decides what follows.
"""

from awe.domain.artifacts import Artifact
from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.rejections import NotLate, OperationMissing, WrongGeneration
from awe.domain.task.calls import settles
from awe.domain.task.events import OperationObservedLate, TaskEvent
from awe.domain.task.state import Sighting, Task, TaskStatus

Events = tuple[TaskEvent, ...]


def observe_late_success(
    task: Task,
    *,
    attempt: int,
    index: int,
    generation: int,
    output: Json = None,
    output_blob: str | None = None,
    artifacts: tuple[Artifact, ...] = (),
) -> Events:
    if _seen(task, attempt, index, generation):
        return ()
    observed = OperationObservedLate(
        attempt=attempt,
        index=index,
        generation=generation,
        output=output,
        output_blob=output_blob,
        artifacts=artifacts or None,
    )
    return (observed,)


def observe_late_failure(
    task: Task,
    *,
    attempt: int,
    index: int,
    generation: int,
    failure: FailureClass,
    message: str,
    sent: bool = True,
) -> Events:
    """`sent` is False when the call certainly never reached the tool."""
    if _seen(task, attempt, index, generation):
        return ()
    observed = OperationObservedLate(
        attempt=attempt,
        index=index,
        generation=generation,
        failure=failure,
        message=message,
        definite=settles(failure, sent=sent),
    )
    return (observed,)


def _seen(task: Task, attempt: int, index: int, generation: int) -> bool:
    """Whether this was observed before; rejects what this attempt cannot have seen, or must report ordinarily."""
    if task.status is TaskStatus.CLAIMED and task.attempt == attempt:
        raise NotLate(f"attempt {attempt} holds the claim; report the operation's outcome")
    operation = task.operation(index)
    if operation is None or attempt > task.attempts:
        raise OperationMissing(f"attempt {attempt} never began operation {index}")
    if generation > operation.generation:
        raise WrongGeneration(f"operation {index} is at generation {operation.generation}, not {generation}")
    return Sighting(index, generation, attempt) in task.sightings
