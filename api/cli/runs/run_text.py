"""A run for a person: what was wanted, how far its tasks are, what came of it, and what is to be done if it stands still."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from awe.api.cli.checkup.units import size
from awe.api.cli.live.rows import HEADER, rows
from awe.api.cli.live.words import RUN_INKS, duration
from awe.api.cli.output import Ink, paint, table
from awe.api.cli.plain import plain, printable
from awe.api.cli.runs.times import local
from awe.api.reading.documents import artifacts, error_document
from awe.domain.artifacts import Artifact
from awe.projections.views.run import RunView

_SHORT: Final = 100


def run_text(view: RunView, *, tasks: bool = True) -> str:
    """The whole of a run."""
    now_ms = time.time_ns() // 1_000_000
    goal = view.goal.goal if view.goal else ""
    facts = [
        ("run", view.run),
        ("status", f"{paint(view.status.value, RUN_INKS[view.status])} {_time(view, now_ms)}"),
        ("goal", plain(goal)),
        ("submitted", f"{local(view.submitted_ms)} by {plain(view.actor)}"),
    ]
    if view.plan is not None:
        facts.append(
            ("plan", f"{view.plan.name}, version {view.plan.version}, {(view.plan_digest or '')[:12]}")
        )
    blocks = ["\n".join(f"{name:<10} {value}" for name, value in facts)]
    told, _ = rows(view, now_ms)
    if tasks and told:
        blocks.append(table(HEADER, [(row.state, row.task, row.time, row.tries, row.note) for row in told]))
    blocks += outcome_blocks(view, {})
    if view.unknown_events:
        blocks.append(f"{view.unknown_events} events were written by a newer release and are not shown.")
    return "\n\n".join(blocks)


def outcome_blocks(view: RunView, paths: Mapping[str, str]) -> Iterator[str]:
    """What came of the run; `paths` say where the artifacts of these digests lie as files."""
    if (error := error_document(view)) is not None:
        yield _error_text(error, view.run)
    if view.outputs:
        yield "\n".join((paint("outputs", Ink.BOLD), *(_output(*each) for each in view.outputs.items())))
    if found := tuple(artifacts(view).values()):
        lines = (_artifact(artifact, paths.get(artifact.sha256)) for artifact in found)
        yield "\n".join((paint("artifacts", Ink.BOLD), *lines))


def _time(view: RunView, now_ms: int) -> str:
    if view.ended_ms is not None:
        return f"after {duration(view.ended_ms - view.submitted_ms)}"
    return f"for {duration(now_ms - view.submitted_ms)}"


def _error_text(error: Mapping[str, Any], run: str) -> str:
    lines = [f"{paint(error['code'], Ink.RED)}: {plain(error['message'])}"]
    if tasks := error.get("tasks"):
        lines.append(f"  tasks: {', '.join(tasks)}")
    for finding in error.get("findings", ()):
        lines.append(
            f"  {finding['code']} at {plain(finding['path']) or 'the top'}: {plain(finding['message'])}"
        )
        if finding["hint"]:
            lines.append(f"    {paint('hint:', Ink.FAINT)} {plain(finding['hint'])}")
    for call in error.get("calls", ()):
        lines += (
            f"  {call['tool']} in task {call['task']}, begun {call['at']}: {plain(call['message'])}",
            f"    arguments {call['arguments_digest']}",
            f"    {paint('check:', Ink.FAINT)} whether {call['tool']} did its work at its target around that time",
        )
    if "calls" in error:
        lines.append(f"  Nothing is repeated on its own. 'awe runs cancel {run}' ends the run.")
    return "\n".join(lines)


def _output(name: str, value: Any) -> str:
    if isinstance(value, str):
        text = printable(value)
    else:
        text = json.dumps(value, ensure_ascii=False)
        text = text if len(text) <= _SHORT else json.dumps(value, ensure_ascii=False, indent=2)
        text = printable(text)
    if "\n" not in text:
        return f"  {plain(name)}: {text}"
    return "\n".join((f"  {plain(name)}:", *(f"    {line}" for line in text.splitlines())))


def _artifact(artifact: Artifact, path: str | None) -> str:
    where = plain(path) if path else f"sha256 {artifact.sha256}"
    return f"  {plain(artifact.name)}  {size(artifact.bytes)}  {plain(artifact.media_type)}  {where}"
