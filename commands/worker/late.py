"""What a worker saw of a call after its claim was gone: appended without expecting anything, and only once (I21)."""

from typing import NamedTuple

from awe.domain.identifiers import OperationId, RunId, TaskKey
from awe.domain.rejections import Rejected
from awe.domain.task.events import OperationFailed, OperationSucceeded, OutcomeUnknown, TaskEvent
from awe.domain.task.late import observe_late_failure, observe_late_success
from awe.domain.task.state import Task


class Observation(NamedTuple):
    """What is to be appended, under an id that each repetition of it has too."""

    append_id: str
    events: tuple[TaskEvent, ...]


def observation(task: Task, told: tuple[TaskEvent, ...], run: RunId, key: TaskKey) -> Observation | None:
    """What the task's log should learn of a report that came too late; None when it tells of no call, or nothing new."""
    for event in told:
        if isinstance(event, OperationSucceeded | OperationFailed | OutcomeUnknown):
            try:
                events = _seen(task, event)
            except Rejected:  # the log lost the intent, or gave the attempt's number to another worker
                return None
            operation = OperationId(run, key, event.index, event.generation)
            append_id = f"{operation.idempotency_key}.late.{event.attempt}"
            return Observation(append_id, events) if events else None
    return None


def _seen(task: Task, event: OperationSucceeded | OperationFailed | OutcomeUnknown) -> tuple[TaskEvent, ...]:
    if isinstance(event, OperationSucceeded):
        return observe_late_success(
            task,
            attempt=event.attempt,
            index=event.index,
            generation=event.generation,
            output=event.output,
            output_blob=event.output_blob,
            artifacts=event.artifacts or (),
        )
    return observe_late_failure(
        task,
        attempt=event.attempt,
        index=event.index,
        generation=event.generation,
        failure=event.failure,
        message=event.message,
        sent=isinstance(event, OutcomeUnknown) or not event.definite,
    )
