"""`awe runs show`: one run as it is now."""

from __future__ import annotations

from typing import Annotated

import typer

from awe.api.bootstrap import event_store
from awe.api.bootstrap.folders import blobs
from awe.api.cli import output
from awe.api.cli.faults import carry_out
from awe.api.cli.output import Output, OutputOption
from awe.api.cli.runs.one_run import RunArgument, log_of, there
from awe.api.cli.runs.run_text import run_text
from awe.api.reading.documents import run_document
from awe.api.reading.run_views import load
from awe.api.settings import Settings
from awe.projections.views.run import RunView


def show(
    run: RunArgument,
    *,
    tasks: Annotated[bool, typer.Option("--tasks/--no-tasks", help="Show the table of tasks.")] = True,
    form: OutputOption = Output.TABLE,
) -> None:
    """Show a run: its goal, its tasks, and what came of it."""

    async def work(settings: Settings) -> RunView:
        async with event_store(settings) as store:
            return there(await load(log_of(store, run), run, blobs(settings)))

    view = carry_out(work)
    if form is Output.JSON:
        output.document(run_document(view))
    else:
        output.data(run_text(view, tasks=tasks))
