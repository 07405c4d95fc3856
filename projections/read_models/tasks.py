"""`tasks`: one row a task that began, items of a `for_each` task each for itself; its status is what the domain makes of it."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final, cast

from awe.domain.contracts import Effect
from awe.domain.events import Event
from awe.domain.identifiers import task_of_aggregate
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
from awe.domain.task.state import ENDED, Task, TaskStatus, evolve
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.views.entry import Entry

_STATE: Final = "_state"


class Tasks(Projector):
    """Times are the log's, in Unix milliseconds. `calls` is what of its calls decides how the task goes on."""

    name = "tasks"
    version = 1
    events: ClassVar[tuple[type[Event], ...]] = (
        TaskReady,
        TaskClaimed,
        OperationStarted,
        OperationSucceeded,
        OperationFailed,
        OperationObservedLate,
        OutcomeUnknown,
        RetryScheduled,
        TaskSucceeded,
        TaskDeadLettered,
        TaskCancelled,
        TaskSkipped,
    )
    table = Table(
        columns={
            "run": "text",
            "task": "text",
            "n": "bigint",
            "first_n": "bigint",
            "status": "text",
            "attempt": "integer",
            "worker": "text",
            "ready_ms": "bigint",
            "begun_ms": "bigint",
            "ended_ms": "bigint",
            "due_ms": "bigint",
            "failure": "text",
            "message": "text",
            "output": "json",
            "output_blob": "text",
            "calls": "json",
        },
        key=("run", "task"),
        indexes=("(run, first_n)",),
    )

    def keys(self, entry: Entry) -> Iterable[Key]:
        task = task_of_aggregate(entry.aggregate)
        return () if task is None else ((entry.run, task),)

    def apply(self, row: Row, entry: Entry) -> None:
        event = cast("TaskEvent", entry.event)
        state = evolve(row.get(_STATE) or _restored(row), event)
        row["n"] = entry.n
        row["first_n"] = row["first_n"] or entry.n
        row["status"], row["attempt"] = state.status.value, state.attempt
        row[_STATE] = state
        _time(row, state.status, event, entry.time_ms)
        _tell(row, state.status, event)

    def begins(self, entry: Entry) -> bool:
        return entry.version == 1

    def rests(self, row: Row) -> bool:
        return cast("Task", row[_STATE]).status in ENDED

    def stored(self, row: Row) -> Row:
        state: Task = row[_STATE]
        calls = None if state.status in ENDED else _kept(state.operations)
        told = {**row, "calls": calls}
        del told[_STATE]
        return told


def _time(row: Row, status: TaskStatus, event: TaskEvent, time_ms: int) -> None:
    match event:
        case TaskReady():
            row["ready_ms"] = time_ms
            row["due_ms"] = None
        case TaskClaimed():
            row["begun_ms"] = row["begun_ms"] or time_ms
        case RetryScheduled():
            row["due_ms"] = time_ms + event.delay_ms
        case _:
            pass
    rests = status in ENDED or status is TaskStatus.UNKNOWN
    row["ended_ms"] = (row["ended_ms"] or time_ms) if rests else None


def _tell(row: Row, status: TaskStatus, event: TaskEvent) -> None:
    match event:
        case TaskClaimed():
            row["worker"] = event.worker
        case OperationFailed() | RetryScheduled() | OutcomeUnknown():
            row.update(failure=event.failure.value, message=event.message)
        case OperationObservedLate(failure=failure) if failure is not None and status not in ENDED:
            row.update(failure=failure.value, message=event.message)
        case TaskDeadLettered():
            row.update(failure=event.failure.value, message=event.cause)
        case TaskSucceeded():
            row.update(output=event.output, output_blob=event.output_blob, failure=None, message=None)
        case TaskCancelled() | TaskSkipped():
            row["message"] = event.reason
        case _:
            pass


def _kept(operations: Sequence[Operation]) -> list[Any] | None:
    """Of each call: place, generation, attempt, effect, attempts in doubt, whether it is open, whether it succeeded."""
    return [
        [
            each.index,
            each.generation,
            each.attempt,
            each.effect.value,
            sorted(each.in_doubt),
            each.open,
            each.result is not None,
        ]
        for each in operations
    ] or None


def _restored(row: Row) -> Task:
    """The task as far as its status depends on it."""
    if row["status"] is None:
        return Task()
    operations = tuple(
        Operation(
            index=index,
            generation=generation,
            attempt=attempt,
            request=Request("", ""),
            effect=Effect(effect),
            repeatable=False,
            call_until_ms=0,
            in_doubt=frozenset(in_doubt),
            open=is_open,
            result=Result() if succeeded else None,
        )
        for index, generation, attempt, effect, in_doubt, is_open, succeeded in row["calls"] or ()
    )
    return Task(TaskStatus(row["status"]), row["attempt"], operations)
