"""`awe runs replay`: goes through what was recorded, and shows the state after each event. It calls nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from awe.api.bootstrap.folders import blobs
from awe.api.cli import output
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.live.words import TASK_WORDS, duration
from awe.api.cli.output import StreamOption, StreamOutput
from awe.api.cli.runs.one_run import RunArgument, missing, partition_in
from awe.api.cli.runs.reading import sources, tell_stale
from awe.api.cli.runs.run_text import run_text
from awe.api.reading.documents import run_document
from awe.api.reading.entries import entry, timestamp
from awe.api.reading.run_history import history
from awe.api.reading.run_views import complete
from awe.api.settings import Settings
from awe.domain.identifiers import task_of_aggregate
from awe.projections.views.entry import Entry
from awe.projections.views.run import RunView


def replay(
    run: RunArgument,
    *,
    until: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Stop after event N, as 'awe runs events' counts.")
    ] = None,
    form: StreamOption = StreamOutput.TABLE,
) -> None:
    """Step through the recorded events of a run and the states they lead to; calls no tool and no model."""

    async def work(settings: Settings) -> tuple[list[Entry], RunView, str]:
        async with sources(settings) as opened:
            found = await history(opened, partition_in(opened.logs, run), run)
            if not found.events:
                raise missing(run)
            entries = [entry(event) for event in found.events if until is None or event.n <= until]
            if not entries:
                raise _before(run, until, found.events[0].n)
            view = RunView.of(run, entries)
            await complete(view, blobs(settings))
            return entries, view, found.stale

    entries, view, why = carry_out(work)
    tell_stale(why)
    steps = list(_steps(run, entries))
    if form is StreamOutput.JSON:
        output.document({"run": run, "steps": steps, "state": run_document(view)})
    elif form is StreamOutput.NDJSON:
        for step in steps:
            output.line(step)
    else:
        output.data(_table(entries, steps))
        output.data(f"\nAs it was after event {view.n}; nothing was called.\n\n{run_text(view)}")


def _before(run: str, until: int | None, first: int) -> CliError:
    return CliError(
        ExitCode.NOT_FOUND,
        "before_run",
        f"Event {until} is before the first event of run {run}, which is event {first}.",
        f"Use --until {first} or a later one; 'awe runs events {run}' lists them.",
    )


def _steps(run: str, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    view = RunView(run)
    for each in entries:
        view.apply(each)
        key = task_of_aggregate(each.aggregate)
        task = None if key is None else view.tasks.get(key)
        yield {
            "n": each.n,
            "time": timestamp(each.time_ms),
            "type": each.type,
            "run_status": view.status.value,
            "task": key,
            "task_status": task and task.status.value,
            "attempt": task and task.state.attempt,
        }


def _table(entries: Sequence[Entry], steps: Sequence[dict[str, Any]]) -> str:
    begun = entries[0].time_ms
    words: dict[str, str] = {status.value: word for status, word in TASK_WORDS.items()}
    rows = [
        (
            str(each.n),
            duration(each.time_ms - begun),
            str(step["task"] or "run"),
            each.type.removeprefix("awe."),
            words.get(str(step["task_status"]), str(step["run_status"])),
        )
        for each, step in zip(entries, steps, strict=True)
    ]
    return output.table(("N", "AFTER", "OF", "EVENT", "STATE"), rows)
