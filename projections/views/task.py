"""One task of a run, or one item of a `for_each` task: its state, its times, and why it failed if it did."""

from dataclasses import dataclass, field
from typing import cast

from awe.domain.artifacts import Artifact
from awe.domain.events import Event, Json
from awe.domain.failures import FailureClass
from awe.domain.task.events import (
    OperationFailed,
    OperationStarted,
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
from awe.domain.task.operation import OperationStatus
from awe.domain.task.state import ENDED, Task, TaskStatus, evolve
from awe.projections.views.entry import Entry


@dataclass(frozen=True, slots=True)
class Calling:
    """The last intent of one of the task's calls, at the time when it was recorded."""

    tool: str
    arguments_digest: str
    time_ms: int


@dataclass(slots=True)
class TaskView:
    """Times are the log's, in Unix milliseconds; None where it has not come to that.

    Attributes:
        begun_ms: when a worker first took the task.
        ended_ms: when the task ended, or came to wait for a person.
        due_ms: when the next attempt may begin, while one is waited for.
        failure: the class of the last failure, until something succeeds.
        message: words for people about the failure, the skip or the cancel.
    """

    key: str
    state: Task = field(default_factory=Task)
    ready_ms: int | None = None
    begun_ms: int | None = None
    ended_ms: int | None = None
    due_ms: int | None = None
    worker: str = ""
    failure: FailureClass | None = None
    message: str = ""
    output: Json = None
    output_blob: str | None = None
    calls: dict[int, Calling] = field(default_factory=dict[int, Calling])

    @property
    def status(self) -> TaskStatus:
        return self.state.status

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """The files of every call that succeeded, in the order of the calls."""
        return tuple(
            artifact
            for operation in self.state.operations
            if operation.result is not None
            for artifact in operation.result.artifacts
        )

    @property
    def unsettled(self) -> tuple[Calling, ...]:
        """The calls of which nobody can say whether they had their effect; none unless the task waits for that."""
        if self.status is not TaskStatus.UNKNOWN:
            return ()
        return tuple(
            self.calls[operation.index]
            for operation in self.state.operations
            if operation.status is OperationStatus.UNSETTLED and operation.index in self.calls
        )

    def apply(self, entry: Entry, event: Event) -> None:
        """Take one event of the task."""
        told = cast("TaskEvent", event)
        self.state = evolve(self.state, told)
        self._time(told, entry.time_ms)
        match told:
            case TaskClaimed():
                self.worker = told.worker
            case OperationStarted():
                self.calls[told.index] = Calling(told.tool, told.arguments_digest, entry.time_ms)
            case OperationFailed() | OutcomeUnknown() | RetryScheduled():
                self.failure, self.message = told.failure, told.message
            case TaskDeadLettered():
                self.failure, self.message = told.failure, told.cause
            case TaskSkipped() | TaskCancelled():
                self.failure, self.message = None, told.reason
            case TaskSucceeded():
                self.failure, self.message = None, ""
                self.output, self.output_blob = told.output, told.output_blob
            case _:
                pass

    def _time(self, event: TaskEvent, now_ms: int) -> None:
        self.due_ms = now_ms + event.delay_ms if isinstance(event, RetryScheduled) else None
        if isinstance(event, TaskReady) and self.ready_ms is None:
            self.ready_ms = now_ms
        if isinstance(event, TaskClaimed) and self.begun_ms is None:
            self.begun_ms = now_ms
        resting = self.status in ENDED or self.status is TaskStatus.UNKNOWN
        self.ended_ms = (self.ended_ms or now_ms) if resting else None
