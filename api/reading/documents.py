"""What a program is told of runs: names and meanings of members do not change."""

from collections.abc import Mapping
from typing import Any

from awe.api.reading.entries import timestamp
from awe.domain.artifacts import Artifact
from awe.domain.run.state import RunStatus
from awe.domain.task.state import TaskStatus
from awe.projections.views.run import RunView
from awe.projections.views.steps import unresolved
from awe.projections.views.summary import RunSummary
from awe.projections.views.task import TaskView


def summary_document(summary: RunSummary) -> dict[str, Any]:
    return {
        "run": summary.run,
        "status": summary.status.value,
        "goal": summary.goal,
        "tenant": summary.tenant,
        **_times(summary.submitted_ms, summary.ended_ms, begin="submitted_at"),
    }


def run_document(view: RunView) -> dict[str, Any]:
    """Everything of a run but its events."""
    goal = view.goal
    return {
        "run": view.run,
        "status": view.status.value,
        "goal": goal and goal.goal,
        "inputs": goal and goal.inputs,
        "tenant": goal and goal.tenant,
        "actor": view.actor,
        **_times(view.submitted_ms, view.ended_ms, begin="submitted_at"),
        "plan": view.plan
        and {
            "name": view.plan.name,
            "version": view.plan.version,
            "digest": view.plan_digest,
            "tasks": len(view.plan.tasks),
        },
        "error": error_document(view),
        "outputs": view.outputs,
        "artifacts": [artifact_document(artifact) for artifact in artifacts(view).values()],
        "tasks": [_task_document(task) for task in view.tasks.values()],
        "events": view.events,
        "unknown_events": view.unknown_events,
        "last_event": view.n,
    }


def artifacts(view: RunView) -> Mapping[tuple[str, str], Artifact]:
    """The files of a run by name and digest, in the order in which their tasks began."""
    return {
        (artifact.name, artifact.sha256): artifact
        for task in view.tasks.values()
        for artifact in task.artifacts
    }


def artifact_document(artifact: Artifact, path: str | None = None) -> dict[str, Any]:
    said = artifact.model_dump(mode="json")
    return said if path is None else {"name": said.pop("name"), "path": path, **said}


def error_document(view: RunView) -> dict[str, Any] | None:
    """Why a run did not reach its goal, or cannot now; None where it did or still may."""
    if view.status is RunStatus.FAILED:
        code = view.failure.value if view.failure else "failed"
        return {"code": code, "message": view.message, "tasks": list(view.failing), **_findings(view)}
    if view.status is RunStatus.CANCELLED:
        return {"code": "cancelled", "message": view.cancel_reason or "a cancel was requested"}
    if unknown := unresolved(view):
        return {
            "code": "unresolved",
            "message": "nobody can say whether these calls had their effect",
            "calls": [
                {
                    "task": task.key,
                    "tool": call.tool,
                    "arguments_digest": call.arguments_digest,
                    "at": timestamp(call.time_ms),
                    "message": task.message,
                }
                for task in unknown
                for call in task.unsettled
            ],
        }
    return None


def _findings(view: RunView) -> dict[str, Any]:
    if not view.findings:
        return {}
    return {"findings": [finding.model_dump(mode="json") for finding in view.findings]}


def _task_document(task: TaskView) -> dict[str, Any]:
    return {
        "task": task.key,
        "status": task.status.value,
        "attempts": task.state.attempt,
        **_times(task.begun_ms, task.ended_ms, begin="started_at"),
        "worker": task.worker,
        "failure": task.failure and task.failure.value,
        "message": task.message,
        "output": task.output if task.status is TaskStatus.SUCCEEDED else None,
        "output_blob": task.output_blob,
    }


def _times(begun_ms: int | None, ended_ms: int | None, *, begin: str) -> dict[str, Any]:
    return {
        begin: timestamp(begun_ms) if begun_ms else None,
        "ended_at": timestamp(ended_ms) if ended_ms else None,
        "duration_ms": ended_ms - begun_ms if begun_ms and ended_ms else None,
    }
