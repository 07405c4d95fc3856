"""What the server's tools return; the output schemas that clients see are made from these."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Result(BaseModel):
    """Members of the documents that clients have no use for are left out."""

    model_config = ConfigDict(extra="ignore")


class Finding(Result):
    """Why no run began, or what to mind: a stable code, a JSON Pointer, and what to do."""

    code: str
    severity: str
    path: str
    message: str
    hint: str


class Submitted(Result):
    """`run` is null when nothing was begun; the findings then say why."""

    run: str | None
    status: str
    plan: dict[str, Any] | None
    findings: list[Finding]


class RunLine(Result):
    run: str
    status: str
    goal: str
    submitted_at: str | None
    ended_at: str | None
    duration_ms: int | None


class RunList(Result):
    """The newest first."""

    runs: list[RunLine]


class TaskLine(Result):
    task: str
    status: str
    attempts: int
    duration_ms: int | None
    failure: str | None
    message: str


class ArtifactLine(Result):
    name: str
    media_type: str
    bytes: int
    sha256: str


class RunShown(Result):
    """`error` says why a run failed, or what a person has to look at before it can go on."""

    run: str
    status: str
    goal: str | None
    submitted_at: str | None
    ended_at: str | None
    duration_ms: int | None
    error: dict[str, Any] | None
    outputs: dict[str, Any] | None
    artifacts: list[ArtifactLine]
    tasks: list[TaskLine]
