"""A run, as it is or as it was."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, cast

import strawberry
from pydantic_core import from_json
from strawberry import Info

from awe.api.bootstrap.partitions import partition_name
from awe.api.graphql import positions
from awe.api.graphql.context import Context
from awe.api.graphql.cursors import cursor, key_of
from awe.api.graphql.freshness import Freshness
from awe.api.graphql.members import field
from awe.api.graphql.scalars import JSON, Long, PositionToken, Timestamp
from awe.api.graphql.selection import columns, selected
from awe.api.graphql.source import RunSource
from awe.api.graphql.types import task as tasks
from awe.api.graphql.types.operation import ARTIFACT, Artifact, artifact
from awe.api.graphql.types.page import Connection, checked_first, edges_of
from awe.api.graphql.types.task import First, TaskConnection, task_page
from awe.commands.blobs import BlobMissing, Blobs
from awe.commands.log import Position
from awe.domain.identifiers import partition_of
from awe.domain.run.state import RunStatus
from awe.projections.projector import Row
from awe.projections.queries.runs import EPOCH

_ARTIFACT: Final = "artifact"


@strawberry.enum(name="RunStatus")
class Status(Enum):
    PLANNING = RunStatus.PLANNING.value
    RUNNING = RunStatus.RUNNING.value
    CANCELLING = RunStatus.CANCELLING.value
    SUCCEEDED = RunStatus.SUCCEEDED.value
    FAILED = RunStatus.FAILED.value
    CANCELLED = RunStatus.CANCELLED.value


@strawberry.type(description="One reason against a plan.")
class Finding:
    code: str = strawberry.field(description="The stable code of the rule.")
    path: str = strawberry.field(description="A JSON Pointer to the place.")
    message: str
    hint: str
    severity: str | None = None


@strawberry.type(description="How many of a run's tasks are where; the engine's own are not counted.")
class TaskCounts:
    begun: int
    succeeded: int
    dead: int
    skipped: int


@strawberry.type(description="The plan in force, else the one proposed.")
class Plan:
    number: int | None
    digest: str | None
    accepted_at: Timestamp | None
    inline: strawberry.Private[Any]

    @field("The canonical document; null when it is too large to be sent along.")
    async def document(self, info: Info[Context, Any]) -> JSON | None:
        if self.inline is not None or self.digest is None:
            return cast("JSON | None", self.inline)
        return await _fetched(info.context, self.digest)


@strawberry.type(name="ArtifactConnection")
class ArtifactConnection(Connection[Artifact]):
    pass


@strawberry.type(description="One execution of one goal.")
class Run:
    id: strawberry.ID
    status: Status | None
    goal: str | None = strawberry.field(description="At most its first 1,000 characters.")
    tenant: str | None
    actor: str | None
    planner: str | None
    playbook: str | None
    plan_name: str | None
    queue: str | None
    priority: int | None
    submitted_at: Timestamp | None
    ended_at: Timestamp | None
    last_event_at: Timestamp | None
    failure: str | None
    message: str | None
    tasks_counted: TaskCounts | None
    position: PositionToken | None = strawberry.field(description="Where its last event stands.")
    freshness: Freshness
    inputs: JSON | None
    tools: list[str] | None = strawberry.field(description="The tools that it may use; null for all.")
    planning: JSON | None = strawberry.field(description="How the plan was to be found.")
    deadline_ms: Long | None
    plan: Plan | None
    findings: list[Finding] | None = strawberry.field(description="Why the last proposed plan was refused.")
    cancel_reason: str | None
    outputs_blob: str | None
    failing: list[str] | None = strawberry.field(
        description="The first of the tasks because of which it failed."
    )
    inline_outputs: strawberry.Private[Any]
    source: strawberry.Private[RunSource]

    @field("What came of it; null when it is too large to be sent along: see `outputsBlob`.")
    async def outputs(self, info: Info[Context, Any]) -> JSON | None:
        if self.inline_outputs is not None or self.outputs_blob is None:
            return cast("JSON | None", self.inline_outputs)
        return await _fetched(info.context, self.outputs_blob)

    @field("Its tasks in the order in which they began.")
    async def tasks(
        self, info: Info[Context, Any], first: First = 20, after: str | None = None
    ) -> TaskConnection:
        behind = 0 if after is None else key_of(tasks.CURSOR, (int,), after)[0]
        return await task_page(info, self.source, first, behind)

    @field("The files that its calls made, in the order in which they were made.")
    async def artifacts(
        self, info: Info[Context, Any], first: First = 20, after: str | None = None
    ) -> ArtifactConnection:
        n, name = (0, "") if after is None else key_of(_ARTIFACT, (int, str), after)
        names = selected(info, "nodes") | selected(info, "edges", "node")
        asked = columns(names, ARTIFACT) | {"n", "name"}
        rows = await self.source.artifacts_of_run(asked, (n, name), checked_first(first) + 1)
        edges, page_info = edges_of(
            rows, first, artifact, lambda row: cursor(_ARTIFACT, row["n"], row["name"])
        )
        return ArtifactConnection(edges=edges, page_info=page_info)


RUN: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("status",),
    "goal": ("goal",),
    "tenant": ("tenant",),
    "actor": ("actor",),
    "planner": ("planner",),
    "playbook": ("playbook",),
    "planName": ("plan_name",),
    "queue": ("queue",),
    "priority": ("priority",),
    "submittedAt": ("submitted_ms",),
    "endedAt": ("ended_ms",),
    "lastEventAt": ("last_ms",),
    "failure": ("failure",),
    "message": ("message",),
    "tasksCounted": ("tasks_begun", "tasks_succeeded", "tasks_dead", "tasks_skipped"),
    "position": ("n", EPOCH),
}

DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "inputs": ("inputs",),
    "tools": ("tools",),
    "planning": ("planning",),
    "deadlineMs": ("deadline_ms",),
    "findings": ("findings",),
    "cancelReason": ("cancel_reason",),
    "outputs": ("outputs", "outputs_blob"),
    "outputsBlob": ("outputs_blob",),
    "failing": ("failing",),
}

_PLAN: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("plan_number",),
    "digest": ("plan_digest",),
    "acceptedAt": ("accepted_ms",),
    "document": ("plan", "plan_digest"),
}


def details_columns(info: Info[Any, Any], *path: str) -> frozenset[str]:
    """The columns of `run_details` that the runs below a path are asked for; none when no field needs them."""
    names = selected(info, *path)
    of_plan = (
        columns(selected(info, *path, "plan"), _PLAN) | {"plan_number"}
        if "plan" in names
        else frozenset[str]()
    )
    return columns(names, DETAILS) | of_plan


def run(row: Row, details: Row | None, source: RunSource, freshness: Freshness = Freshness.CURRENT) -> Run:
    """The run of a row; members whose columns were not asked for are None, and nobody reads them."""
    told, more = row.get, (details or {}).get
    number = partition_of(row["run"])
    n, epoch = told("n"), told(EPOCH)
    status = told("status")
    return Run(
        id=strawberry.ID(row["run"]),
        status=None if status is None else Status(status),
        goal=told("goal"),
        tenant=told("tenant"),
        actor=told("actor"),
        planner=told("planner"),
        playbook=told("playbook"),
        plan_name=told("plan_name"),
        queue=told("queue"),
        priority=told("priority"),
        submitted_at=told("submitted_ms"),
        ended_at=told("ended_ms"),
        last_event_at=told("last_ms"),
        failure=told("failure"),
        message=told("message"),
        tasks_counted=_counts(row),
        position=None if n is None or epoch is None else positions.token(number, Position(n, epoch)),
        freshness=freshness,
        inputs=more("inputs"),
        tools=more("tools"),
        planning=more("planning"),
        deadline_ms=more("deadline_ms"),
        plan=_plan(details),
        findings=_findings(more("findings")),
        cancel_reason=more("cancel_reason"),
        outputs_blob=more("outputs_blob"),
        failing=more("failing"),
        inline_outputs=more("outputs"),
        source=source,
    )


def partition_of_run(run_id: str) -> tuple[int, str]:
    """The number and the name of the partition that a run is in; raises `MalformedIdentifier`."""
    number = partition_of(run_id)
    return number, partition_name(number)


def _counts(row: Row) -> TaskCounts | None:
    if row.get("tasks_begun") is None:
        return None
    return TaskCounts(
        begun=row["tasks_begun"],
        succeeded=row["tasks_succeeded"],
        dead=row["tasks_dead"],
        skipped=row["tasks_skipped"],
    )


def _plan(details: Row | None) -> Plan | None:
    if details is None or details.get("plan_number") is None:
        return None
    return Plan(
        number=details["plan_number"],
        digest=details.get("plan_digest"),
        accepted_at=details.get("accepted_ms"),
        inline=details.get("plan"),
    )


def _findings(found: Any) -> list[Finding] | None:
    if found is None:
        return None
    return [
        Finding(code=each["code"], path=each["path"], message=each["message"], hint=each.get("hint") or "")
        for each in found
    ]


async def _fetched(context: Context, digest: str) -> JSON | None:
    blobs: Blobs = context.services.blobs
    try:
        data = await blobs.get(digest)
    except BlobMissing:
        return None
    if len(data) > context.services.limits.inline_bytes:
        return None
    return cast("JSON", from_json(data))
