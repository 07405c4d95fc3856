"""What `awe run` prints in the end: one document for programs, or the outputs and files for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from awe.api.cli import output
from awe.api.cli.live.words import RUN_INKS, duration
from awe.api.cli.output import Output, paint
from awe.api.cli.runs.run_text import outcome_blocks
from awe.api.reading.documents import artifact_document, error_document
from awe.domain.artifacts import Artifact
from awe.projections.views.run import RunView

Exported = Sequence[tuple[Artifact, Path | None]]


def nothing(status: str | None = None, run: str | None = None) -> dict[str, Any]:
    """The document's members where there is no outcome to tell."""
    return {"run": run, "status": status, "error": None, "outputs": None, "artifacts": []}


def tell(view: RunView, exported: Exported, form: Output) -> None:
    if form is Output.JSON:
        output.document(
            {
                "run": view.run,
                "status": view.status.value,
                "error": error_document(view),
                "outputs": view.outputs,
                "artifacts": [artifact_document(artifact, _text(path)) for artifact, path in exported],
            }
        )
    else:
        output.data("\n\n".join((_headline(view), *outcome_blocks(view, _paths(exported)))))


def _headline(view: RunView) -> str:
    status = paint(view.status.value, RUN_INKS[view.status])
    until = view.ended_ms if view.ended_ms is not None else view.last_ms
    return f"run {view.run} {status} after {duration(until - view.submitted_ms)}"


def _paths(exported: Exported) -> dict[str, str]:
    return {artifact.sha256: str(path) for artifact, path in exported if path is not None}


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
