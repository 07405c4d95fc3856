"""A run's view out of its rows: all that is shown of a run is the same as in a view of its events.

It is a view to look at and not to go on with: of the state that further events would change only that is there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from awe.api.reading.run_rows import RunRows
from awe.domain.artifacts import Artifact
from awe.domain.contracts import Effect
from awe.domain.failures import FailureClass
from awe.domain.run.events import Finding, GoalSubmitted
from awe.domain.run.state import Run, RunStatus
from awe.domain.task.operation import Operation, Request, Result
from awe.domain.task.state import Task, TaskStatus
from awe.domain.vocabulary import CODEC
from awe.projections.projector import Row
from awe.projections.views.run import RunView
from awe.projections.views.task import Calling, TaskView


def view_of(run: str, rows: RunRows) -> RunView:
    """The run as its rows have it."""
    told, details = rows.run, rows.details
    status = RunStatus(told["status"])
    failed = status is RunStatus.FAILED
    view = RunView(
        run,
        Run(status, _goal(told, details)),
        n=max((last for _, last in rows.events.values()), default=0),
        events=sum(count for count, _ in rows.events.values()),
        unknown_events=sum(count for kind, (count, _) in rows.events.items() if kind not in CODEC.types),
        actor=told["actor"] or "",
        submitted_ms=told["submitted_ms"],
        ended_ms=told["ended_ms"],
        last_ms=told["last_ms"],
        plan_digest=details["plan_digest"],
        findings=tuple(map(Finding.model_validate, details["findings"] or ())),
        cancel_reason=details["cancel_reason"] or "",
        failure=_failure(told) if failed else None,
        message=(told["message"] or "") if failed else "",
        failing=tuple(details["failing"] or ()),
        outputs=details["outputs"],
        outputs_blob=details["outputs_blob"],
        tasks={row["task"]: _task(row, rows) for row in rows.tasks},
    )
    if details["plan"] is not None:
        view.read_plan(details["plan"])
    return view


def _goal(told: Row, details: Row) -> GoalSubmitted:
    tools = details["tools"]
    return GoalSubmitted(
        tenant=told["tenant"],
        goal=told["goal"],
        inputs=details["inputs"],
        tools=None if tools is None else tuple(tools),
        deadline_ms=details["deadline_ms"],
        queue=told["queue"],
        priority=told["priority"],
    )


def _task(row: Row, rows: RunRows) -> TaskView:
    status = TaskStatus(row["status"])
    fine = status is TaskStatus.SUCCEEDED
    last = {
        each["call"]: each for each in rows.operations.get(row["task"], ())
    }  # the last generation of each
    return TaskView(
        row["task"],
        Task(status, row["attempt"], _operations(row, rows, last)),
        ready_ms=row["ready_ms"],
        begun_ms=row["begun_ms"],
        ended_ms=row["ended_ms"],
        due_ms=row["due_ms"] if status is TaskStatus.WAITING else None,
        worker=row["worker"] or "",
        failure=None if fine or status in {TaskStatus.CANCELLED, TaskStatus.SKIPPED} else _failure(row),
        message="" if fine else row["message"] or "",
        output=row["output"],
        output_blob=row["output_blob"],
        calls={
            call: Calling(each["tool"], each["arguments_digest"], each["started_ms"])
            for call, each in last.items()
        },
    )


def _operations(row: Row, rows: RunRows, last: Mapping[int, Row]) -> tuple[Operation, ...]:
    """As far as their files and their being settled show: `calls` of the row says which are in doubt."""
    doubts: Mapping[int, Sequence[Any]] = {each[0]: each for each in row["calls"] or ()}
    return tuple(
        Operation(
            index=call,
            generation=each["generation"],
            attempt=each["attempt"],
            request=Request("", each["arguments_digest"]),
            effect=Effect(each["effect"]),
            repeatable=bool(each["repeatable"]),
            call_until_ms=each["call_until_ms"],
            in_doubt=frozenset(doubts[call][4] if call in doubts else ()),
            open=bool(doubts[call][5]) if call in doubts else False,
            result=_result(row["task"], each, rows),
        )
        for call, each in sorted(last.items())
    )


def _result(task: str, operation: Row, rows: RunRows) -> Result | None:
    if operation["status"] != "succeeded":
        return None
    return Result(
        artifacts=tuple(
            Artifact(**{name: each[name] for name in ("name", "media_type", "bytes", "sha256")})
            for each in rows.files(task, operation)
        )
    )


def _failure(row: Row) -> FailureClass | None:
    return None if row["failure"] is None else FailureClass(row["failure"])
