"""`awe runs show`: one run as it is now."""

from __future__ import annotations

from typing import Annotated

import typer

from awe.api.bootstrap.folders import blobs
from awe.api.cli import output
from awe.api.cli.faults import carry_out
from awe.api.cli.output import Output, OutputOption
from awe.api.cli.runs.one_run import RunArgument, partition_in, there
from awe.api.cli.runs.reading import sources, tell_stale
from awe.api.cli.runs.run_text import run_text
from awe.api.reading.documents import run_document
from awe.api.reading.run_views import Shown, shown
from awe.api.settings import Settings


def show(
    run: RunArgument,
    *,
    tasks: Annotated[bool, typer.Option("--tasks/--no-tasks", help="Show the table of tasks.")] = True,
    form: OutputOption = Output.TABLE,
) -> None:
    """Show a run: its goal, its tasks, and what came of it."""

    async def work(settings: Settings) -> Shown:
        async with sources(settings) as opened:
            return await shown(opened, partition_in(opened.logs, run), run, blobs(settings))

    found = carry_out(work)
    view = there(found.view)
    tell_stale(found.stale)
    if form is Output.JSON:
        output.document(run_document(view))
    else:
        output.data(run_text(view, tasks=tasks))
