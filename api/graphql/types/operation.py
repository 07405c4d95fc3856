"""A call of a task, and the files it made."""

from collections.abc import Mapping
from typing import Final

import strawberry

from awe.api.graphql.scalars import JSON, Long, Timestamp
from awe.projections.projector import Row


@strawberry.type(description="A file that a call made; its bytes lie in the blob of its digest.")
class Artifact:
    task: str | None
    name: str | None
    media_type: str | None
    bytes: Long | None
    sha256: str | None
    attempt: int | None
    made_at: Timestamp | None


ARTIFACT: Final[Mapping[str, tuple[str, ...]]] = {
    "task": ("task",),
    "name": ("name",),
    "mediaType": ("media_type",),
    "bytes": ("bytes",),
    "sha256": ("sha256",),
    "attempt": ("attempt",),
    "madeAt": ("made_ms",),
}


def artifact(row: Row) -> Artifact:
    told = row.get
    return Artifact(
        task=told("task"),
        name=told("name"),
        media_type=told("media_type"),
        bytes=told("bytes"),
        sha256=told("sha256"),
        attempt=told("attempt"),
        made_at=told("made_ms"),
    )


@strawberry.type(description="A generation of a call of a task, stable over attempts.")
class Operation:
    call: int | None = strawberry.field(description="Its place among the calls of the task, from 0.")
    generation: int | None
    status: str | None = strawberry.field(
        description="started, succeeded, failed, or unknown: nobody can say what became of it."
    )
    tool: str | None
    contract: str | None
    effect: str | None
    attempt: int | None = strawberry.field(description="The attempt that began it last.")
    calls: int | None = strawberry.field(description="How often it was begun.")
    arguments_digest: str | None
    arguments: JSON | None
    started_at: Timestamp | None
    ended_at: Timestamp | None
    output: JSON | None
    output_blob: str | None
    failure: str | None
    message: str | None
    late: bool | None = strawberry.field(
        description="Whether its outcome was seen after the claim had ended."
    )


OPERATION: Final[Mapping[str, tuple[str, ...]]] = {
    "call": ("call",),
    "generation": ("generation",),
    "status": ("status",),
    "tool": ("tool",),
    "contract": ("contract",),
    "effect": ("effect",),
    "attempt": ("attempt",),
    "calls": ("calls",),
    "argumentsDigest": ("arguments_digest",),
    "arguments": ("arguments",),
    "startedAt": ("started_ms",),
    "endedAt": ("ended_ms",),
    "output": ("output",),
    "outputBlob": ("output_blob",),
    "failure": ("failure",),
    "message": ("message",),
    "late": ("late",),
}


def operation(row: Row) -> Operation:
    told = row.get
    return Operation(
        call=told("call"),
        generation=told("generation"),
        status=told("status"),
        tool=told("tool"),
        contract=told("contract"),
        effect=told("effect"),
        attempt=told("attempt"),
        calls=told("calls"),
        arguments_digest=told("arguments_digest"),
        arguments=told("arguments"),
        started_at=told("started_ms"),
        ended_at=told("ended_ms"),
        output=told("output"),
        output_blob=told("output_blob"),
        failure=told("failure"),
        message=told("message"),
        late=told("late"),
    )
