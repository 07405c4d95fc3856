"""`awe runs watch`: follows a run that others work on."""

from __future__ import annotations

import sys

from awe.api.bootstrap.folders import blobs
from awe.api.cli import output
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.live.showing import show
from awe.api.cli.live.telling import telling
from awe.api.cli.output import Output, OutputOption
from awe.api.cli.runs.ending import exit_code
from awe.api.cli.runs.one_run import RunArgument, missing, partition_in
from awe.api.cli.runs.reading import sources
from awe.api.cli.runs.run_text import run_text
from awe.api.reading.documents import run_document
from awe.api.reading.run_views import watch as watched
from awe.api.settings import Settings
from awe.domain.identifiers import RUN_AGGREGATE
from awe.projections.views.run import RunView


def watch(run: RunArgument, *, form: OutputOption = Output.TABLE) -> ExitCode:
    """Follow a run until it ends.

    Ends with 0 when it succeeded, 7 when it failed or was cancelled, 8 when it waits for a person.
    """

    async def work(settings: Settings) -> RunView:
        async with sources(settings) as opened:
            partition = partition_in(opened.logs, run)
            log = opened.logs[partition]
            if await opened.head(partition) is None or not (await log.history(run, RUN_AGGREGATE)).events:
                raise missing(run)
            with telling(sys.stderr) as teller:
                return await show(watched(log, run, blobs(settings)), teller)

    view = carry_out(work)
    if form is Output.JSON:
        output.document(run_document(view))
    else:
        output.data(run_text(view, tasks=False))
    return exit_code(view)
