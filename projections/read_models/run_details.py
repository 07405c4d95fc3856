"""`run_details`: what a run's page shows beside its tasks: inputs, plan, findings, outputs. Large values stay blobs."""

from collections.abc import Iterable
from typing import ClassVar, cast

from awe.domain.events import Event
from awe.domain.run.events import (
    CancelRequested,
    GoalSubmitted,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunEvent,
    RunFailed,
    RunSucceeded,
)
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.views.entry import Entry


class RunDetails(Projector):
    """`plan` is the one in force, else the one proposed; null while it lies in the blob of `plan_digest`."""

    name = "run_details"
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
    )
    table = Table(
        columns={
            "run": "text",
            "inputs": "json",
            "tools": "json",
            "planning": "json",
            "deadline_ms": "bigint",
            "plan_number": "integer",
            "plan_digest": "text",
            "plan": "json",
            "accepted_ms": "bigint",
            "findings": "json",
            "cancel_reason": "text",
            "outputs": "json",
            "outputs_blob": "text",
            "failing": "json",
        },
        key=("run",),
    )

    def keys(self, entry: Entry) -> Iterable[Key]:
        return ((entry.run,),)

    def begins(self, entry: Entry) -> bool:
        return isinstance(entry.event, GoalSubmitted)

    def rests(self, row: Row) -> bool:
        return any(row[name] is not None for name in ("outputs", "outputs_blob", "failing"))

    def apply(self, row: Row, entry: Entry) -> None:
        match cast("RunEvent", entry.event):
            case GoalSubmitted() as goal:
                row.update(
                    inputs=goal.inputs, tools=goal.tools, planning=_named(goal), deadline_ms=goal.deadline_ms
                )
            case PlanProposed() as proposed:
                row.update(plan_number=proposed.number, plan_digest=proposed.digest, plan=proposed.plan)
            case PlanRejected() as rejected:
                row["findings"] = [finding.model_dump(mode="json") for finding in rejected.findings]
            case PlanAccepted() | PlanRevised():
                row.update(accepted_ms=entry.time_ms, findings=None)
            case CancelRequested() as request:
                row["cancel_reason"] = request.reason
            case RunSucceeded() as succeeded:
                row.update(outputs=succeeded.outputs, outputs_blob=succeeded.outputs_blob)
            case RunFailed() as failed:
                row["failing"] = failed.failing
            case _:
                pass


def _named(goal: GoalSubmitted) -> dict[str, object] | None:
    """How the plan is found, without the plan itself, which stands beside it."""
    if goal.planning is None:
        return None
    return {name: value for name, value in goal.planning.items() if isinstance(value, str)}
