"""`operations`: one row a generation of a call: which tool, what was asked, how often it was begun, what came of it."""

from collections.abc import Iterable
from typing import ClassVar, cast

from awe.domain.events import Event
from awe.domain.identifiers import task_of_aggregate
from awe.domain.task.events import (
    OperationFailed,
    OperationObservedLate,
    OperationStarted,
    OperationSucceeded,
    OutcomeUnknown,
)
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.views.entry import Entry

_Told = OperationStarted | OperationSucceeded | OperationFailed | OperationObservedLate | OutcomeUnknown


class Operations(Projector):
    """`status` is started, succeeded, failed, or unknown: nobody can say what became of it."""

    name = "operations"
    version = 1
    events: ClassVar[tuple[type[Event], ...]] = (
        OperationStarted,
        OperationSucceeded,
        OperationFailed,
        OperationObservedLate,
        OutcomeUnknown,
    )
    table = Table(
        columns={
            "run": "text",
            "task": "text",
            "call": "integer",
            "generation": "integer",
            "n": "bigint",
            "status": "text",
            "tool": "text",
            "contract": "text",
            "effect": "text",
            "repeatable": "boolean",
            "attempt": "integer",
            "calls": "integer",
            "arguments_digest": "text",
            "arguments": "json",
            "started_ms": "bigint",
            "ended_ms": "bigint",
            "call_until_ms": "bigint",
            "output": "json",
            "output_blob": "text",
            "failure": "text",
            "message": "text",
            "late": "boolean",
        },
        key=("run", "task", "call", "generation"),
        indexes=("(run, task)", "(tool, started_ms DESC)"),
    )

    def keys(self, entry: Entry) -> Iterable[Key]:
        event, task = cast("_Told", entry.event), task_of_aggregate(entry.aggregate)
        return () if task is None else ((entry.run, task, event.index, event.generation),)

    def rests(self, row: Row) -> bool:
        return row["status"] in ("succeeded", "failed")

    def apply(self, row: Row, entry: Entry) -> None:
        row["n"] = entry.n
        match cast("_Told", entry.event):
            case OperationStarted() as event:
                _start(row, event, entry.time_ms)
            case OperationSucceeded() as event:
                _succeed(row, event, entry.time_ms, late=False)
            case OperationObservedLate(failure=None) as event:
                _succeed(row, event, entry.time_ms, late=True)
            case OperationFailed() as event:
                status = "failed" if event.definite else "unknown"
                row.update(
                    status=status, failure=event.failure.value, message=event.message, ended_ms=entry.time_ms
                )
            case OutcomeUnknown() as event:
                row.update(status="unknown", failure=event.failure.value, message=event.message)
            case OperationObservedLate() as event:
                row["late"] = True
                if event.definite and event.failure is not None and row["status"] != "succeeded":
                    row.update(
                        status="failed",
                        failure=event.failure.value,
                        message=event.message,
                        ended_ms=entry.time_ms,
                    )


def _start(row: Row, event: OperationStarted, time_ms: int) -> None:
    row.update(
        status="started",
        tool=event.tool,
        contract=event.contract,
        effect=event.effect.value,
        repeatable=event.repeatable,
        attempt=event.attempt,
        calls=(row["calls"] or 0) + 1,
        arguments_digest=event.arguments_digest,
        arguments=event.arguments,
        started_ms=row["started_ms"] or time_ms,
        call_until_ms=event.call_until_ms,
        late=row["late"] or False,
    )


def _succeed(
    row: Row, event: OperationSucceeded | OperationObservedLate, time_ms: int, *, late: bool
) -> None:
    if row["status"] == "succeeded":
        return
    row.update(
        status="succeeded",
        output=event.output,
        output_blob=event.output_blob,
        ended_ms=time_ms,
        failure=None,
        message=None,
        late=late,
    )
