"""What a task's events come to: who may act on it, and what is known of its operations."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from awe.domain.failures import FailureClass
from awe.domain.task.events import (
    OperationFailed,
    OperationObservedLate,
    OperationStarted,
    OperationSucceeded,
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
from awe.domain.task.operation import Operation, Request, Result


class TaskStatus(StrEnum):
    ABSENT = "absent"
    READY = "ready"
    CLAIMED = "claimed"
    WAITING = (
        "waiting"  # to be made ready again: after a retry's delay, or at once when a late success was seen
    )
    UNKNOWN = "unknown"  # an operation that must not be repeated has no known outcome
    FAILED = "failed"  # that outcome turned out to be a failure, on which the policy has not spoken yet
    SUCCEEDED = "succeeded"
    DEAD_LETTERED = "dead_lettered"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


ENDED: Final = frozenset(
    {TaskStatus.SUCCEEDED, TaskStatus.DEAD_LETTERED, TaskStatus.CANCELLED, TaskStatus.SKIPPED}
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What identifies a late observation, so that the same one is not recorded twice."""

    index: int
    generation: int
    attempt: int


class Failure(NamedTuple):
    """Why something failed: the class, and words for people."""

    failure: FailureClass
    message: str


class Task(NamedTuple):
    """`attempt` is the one last made ready; `operations` stand at their index, each in its last generation.

    `failure` is what a task that is `FAILED` waits to have judged.
    """

    status: TaskStatus = TaskStatus.ABSENT
    attempt: int = 0
    operations: tuple[Operation, ...] = ()
    sightings: frozenset[Sighting] = frozenset()
    failure: Failure | None = None

    @property
    def attempts(self) -> int:
        """How many attempts a worker has begun."""
        return self.attempt - (self.status is TaskStatus.READY)

    def operation(self, index: int) -> Operation | None:
        return self.operations[index] if 0 <= index < len(self.operations) else None

    @property
    def open_operation(self) -> Operation | None:
        """The call that is under way: a task makes one at a time."""
        for known in self.operations:
            if known.open:
                return known
        return None


def evolve(task: Task, event: TaskEvent) -> Task:  # noqa: PLR0911 (one return for each kind of event)
    match event:  # the usual first: a case passed over costs more than one taken
        case TaskReady():
            return task._replace(status=TaskStatus.READY, attempt=event.attempt)
        case TaskClaimed():
            return task._replace(status=TaskStatus.CLAIMED)
        case OperationStarted():
            return _begun(task, event)
        case OperationSucceeded() | OperationFailed():
            return _told(task, event)
        case TaskSucceeded():
            return _released(task, TaskStatus.SUCCEEDED)
        case OperationObservedLate():
            return _observed(task, event)
        case OutcomeUnknown():
            return _released(task, TaskStatus.UNKNOWN)
        case RetryScheduled():
            return _released(task, TaskStatus.WAITING)
        case TaskDeadLettered():
            return _released(task, TaskStatus.DEAD_LETTERED)
        case TaskCancelled():
            return _released(task, TaskStatus.CANCELLED)
        case TaskSkipped():
            return task._replace(status=TaskStatus.SKIPPED)
        case _:
            assert_never(event)


def _begun(task: Task, event: OperationStarted) -> Task:
    former = task.operation(event.index)
    in_doubt: frozenset[int] = frozenset()
    if former is not None and former.generation == event.generation:
        in_doubt = former.in_doubt
    operation = Operation(
        index=event.index,
        generation=event.generation,
        attempt=event.attempt,
        request=Request(event.contract, event.arguments_digest),
        effect=event.effect,
        repeatable=event.repeatable,
        call_until_ms=event.call_until_ms,
        in_doubt=in_doubt | {event.attempt},
    )
    return _with(task, operation)


def _with(task: Task, operation: Operation) -> Task:
    """The task with an operation at its place, instead of what stood there."""
    known, index = task.operations, operation.index
    return task._replace(operations=(*known[:index], operation, *known[index + 1 :]))


def _told(task: Task, event: OperationSucceeded | OperationFailed | OperationObservedLate) -> Task:
    """Take what somebody saw of an operation in its present generation."""
    known = task.operation(event.index)
    if known is None or known.generation != event.generation:
        return task
    return _with(task, _heard(known, event))


def _heard(
    known: Operation, event: OperationSucceeded | OperationFailed | OperationObservedLate
) -> Operation:
    """What is said late closes nothing: that attempt does not report in the ordinary way."""
    late = isinstance(event, OperationObservedLate)
    if isinstance(event, OperationSucceeded) or (late and event.failure is None):
        result = Result(event.output, event.output_blob, event.artifacts or ())
        return known.succeeded(event.attempt, result, late=late)
    if event.definite:
        return known.failed(event.attempt, late=late)
    return known if late else known.closed()


def _observed(task: Task, event: OperationObservedLate) -> Task:
    """A late word tells about a call that is still in doubt, and about nothing else (I21).

    So it changes no finished result and takes nothing from the attempt that holds the claim. It resolves an unknown
    outcome: after a success the task goes on with the recorded output, after a failure the policy speaks.
    """
    sighting = Sighting(event.index, event.generation, event.attempt)
    told = _told(task._replace(sightings=task.sightings | {sighting}), event)
    if task.status is not TaskStatus.UNKNOWN or not all(known.settled for known in told.operations):
        return told
    if event.failure is None:
        return told._replace(status=TaskStatus.WAITING)
    return told._replace(status=TaskStatus.FAILED, failure=Failure(event.failure, event.message))


def _released(task: Task, status: TaskStatus) -> Task:
    """No claim is held any more, so nobody will report in the ordinary way on a call that was under way."""
    return task._replace(status=status, operations=tuple([known.closed() for known in task.operations]))
