"""`runs`: one row a run, small, for lists: what was wanted, how it stands, how many of its tasks are where."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, cast

from awe.domain.events import Event
from awe.domain.identifiers import PLANNING, RUN_AGGREGATE, task_of_aggregate
from awe.domain.run.events import (
    CancelRequested,
    GoalSubmitted,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunCancelled,
    RunEvent,
    RunFailed,
    RunSucceeded,
)
from awe.domain.run.state import ENDED, Run, RunStatus, evolve
from awe.domain.task.events import TaskDeadLettered, TaskReady, TaskSkipped, TaskSucceeded
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.views.entry import Entry

GOAL_LENGTH: Final = 1_000
MESSAGE_LENGTH: Final = 500


class Runs(Projector):
    """`n` is the position of the last event that changed the row."""

    name = "runs"
    version = 1
    events: ClassVar[tuple[type[Event], ...]] = (
        GoalSubmitted,
        PlanProposed,
        PlanRejected,
        PlanAccepted,
        PlanRevised,
        CancelRequested,
        RunSucceeded,
        RunFailed,
        RunCancelled,
        TaskReady,
        TaskSucceeded,
        TaskDeadLettered,
        TaskSkipped,
    )
    table = Table(
        columns={
            "run": "text",
            "n": "bigint",
            "status": "text",
            "tenant": "text",
            "actor": "text",
            "goal": "text",
            "planner": "text",
            "playbook": "text",
            "plan_name": "text",
            "queue": "text",
            "priority": "integer",
            "submitted_ms": "bigint",
            "ended_ms": "bigint",
            "last_ms": "bigint",
            "failure": "text",
            "message": "text",
            "tasks_begun": "integer",
            "tasks_succeeded": "integer",
            "tasks_dead": "integer",
            "tasks_skipped": "integer",
        },
        key=("run",),
        indexes=(
            "(submitted_ms DESC, run DESC)",
            "(status, submitted_ms DESC, run DESC)",
            "(tenant, submitted_ms DESC, run DESC)",
            "(playbook, submitted_ms DESC, run DESC) WHERE playbook IS NOT NULL",
            "USING gin (to_tsvector('simple', goal)) WITH (fastupdate = off)",
            "(run)",
        ),
    )

    def keys(self, entry: Entry) -> Iterable[Key]:
        return ((entry.run,),)

    def begins(self, entry: Entry) -> bool:
        return isinstance(entry.event, GoalSubmitted)

    def rests(self, row: Row) -> bool:
        return row["ended_ms"] is not None

    def apply(self, row: Row, entry: Entry) -> None:
        row["n"], row["last_ms"] = entry.n, entry.time_ms
        if entry.aggregate == RUN_AGGREGATE:
            _control(row, entry, cast("RunEvent", entry.event))
        elif task_of_aggregate(entry.aggregate) != PLANNING:
            _count(row, entry.event)


def _control(row: Row, entry: Entry, event: RunEvent) -> None:
    status = evolve(Run(RunStatus(row["status"] or RunStatus.ABSENT)), event).status
    row["status"] = status.value
    if status in ENDED:
        row["ended_ms"] = entry.time_ms
    match event:
        case GoalSubmitted():
            row.update(
                tenant=event.tenant,
                actor=entry.actor,
                goal=event.goal[:GOAL_LENGTH],
                planner=_text(event.planning, "planner"),
                playbook=playbook_of(event.planning),
                queue=event.queue,
                priority=event.priority,
                submitted_ms=entry.time_ms,
                tasks_begun=0,
                tasks_succeeded=0,
                tasks_dead=0,
                tasks_skipped=0,
            )
        case PlanProposed():
            row["plan_name"] = _text(event.plan, "name")
        case RunFailed():
            row.update(failure=event.failure.value, message=event.message[:MESSAGE_LENGTH])
        case CancelRequested():
            row["message"] = event.reason[:MESSAGE_LENGTH] or None
        case _:
            pass


def _count(row: Row, event: Event | None) -> None:
    match event:
        case TaskReady(attempt=1):
            row["tasks_begun"] += 1
        case TaskSucceeded():
            row["tasks_succeeded"] += 1
        case TaskDeadLettered():
            row["tasks_dead"] += 1
        case TaskSkipped():
            row["tasks_skipped"] += 1
        case _:
            pass


def playbook_of(planning: Mapping[str, Any] | None) -> str | None:
    """The playbook that a goal names or brings along."""
    if planning is None:
        return None
    return _text(planning, "name") or _text(planning.get("playbook"), "name")


def _text(document: Any, name: str) -> str | None:
    value = cast("Mapping[str, Any]", document).get(name) if isinstance(document, Mapping) else None
    return value if isinstance(value, str) else None
