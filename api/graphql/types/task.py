"""A task of a run, or one item of a `for_each` task."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import strawberry
from strawberry import Info

from awe.api.graphql.cursors import cursor
from awe.api.graphql.members import field
from awe.api.graphql.scalars import JSON, Timestamp
from awe.api.graphql.selection import columns, selected
from awe.api.graphql.source import RunSource
from awe.api.graphql.types.operation import (
    ARTIFACT,
    OPERATION,
    Artifact,
    Operation,
    artifact,
    operation,
)
from awe.api.graphql.types.page import Connection, checked_first, edges_of
from awe.projections.projector import Row

CURSOR: Final = "task"

First = Annotated[int, strawberry.argument(description="At most so many, from 1 to 100.")]


@strawberry.type(description="A task that has begun: its state, its times, and why it failed if it did.")
class Task:
    key: str = strawberry.field(description="Its id in the plan, with [n] for an item of a for_each task.")
    status: str | None
    attempt: int | None
    worker: str | None
    ready_at: Timestamp | None
    begun_at: Timestamp | None = strawberry.field(description="When a worker first took it.")
    ended_at: Timestamp | None = strawberry.field(description="When it ended, or came to wait for a person.")
    due_at: Timestamp | None = strawberry.field(description="When the next attempt may begin.")
    failure: str | None
    message: str | None
    output: JSON | None
    output_blob: str | None = strawberry.field(description="The blob of an output too large for its event.")
    source: strawberry.Private[RunSource]

    @field("Its calls in their order.")
    async def operations(self, info: Info[Any, Any], first: First = 10) -> list[Operation]:
        asked = columns(selected(info), OPERATION) | {"call"}
        return [operation(row) for row in await self.source.operations(self.key, asked, checked_first(first))]

    @field("The files of its calls.")
    async def artifacts(self, info: Info[Any, Any], first: First = 10) -> list[Artifact]:
        asked = columns(selected(info), ARTIFACT) | {"name"}
        return [artifact(row) for row in await self.source.artifacts(self.key, asked, checked_first(first))]


TASK: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("status",),
    "attempt": ("attempt",),
    "worker": ("worker",),
    "readyAt": ("ready_ms",),
    "begunAt": ("begun_ms",),
    "endedAt": ("ended_ms",),
    "dueAt": ("due_ms",),
    "failure": ("failure",),
    "message": ("message",),
    "output": ("output",),
    "outputBlob": ("output_blob",),
}


def task(row: Row, source: RunSource) -> Task:
    told = row.get
    return Task(
        key=row["task"],
        status=told("status"),
        attempt=told("attempt"),
        worker=told("worker"),
        ready_at=told("ready_ms"),
        begun_at=told("begun_ms"),
        ended_at=told("ended_ms"),
        due_at=told("due_ms"),
        failure=told("failure"),
        message=told("message"),
        output=told("output"),
        output_blob=told("output_blob"),
        source=source,
    )


@strawberry.type(name="TaskConnection")
class TaskConnection(Connection[Task]):
    pass


async def task_page(info: Info[Any, Any], source: RunSource, first: int, behind: int) -> TaskConnection:
    """The tasks that began behind a position."""
    names = selected(info, "nodes") | selected(info, "edges", "node")
    rows = await source.tasks(columns(names, TASK) | {"task", "first_n"}, behind, checked_first(first) + 1)
    edges, page_info = edges_of(
        rows, first, lambda row: task(row, source), lambda row: cursor(CURSOR, row["first_n"])
    )
    return TaskConnection(edges=edges, page_info=page_info)
