"""`awe runs list`: the newest runs, a line each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from awe.api.cli import output
from awe.api.cli.faults import carry_out
from awe.api.cli.live.words import duration
from awe.api.cli.output import StreamOption, StreamOutput
from awe.api.cli.runs.reading import sources, tell_stale
from awe.api.cli.runs.since import since
from awe.api.cli.runs.times import local
from awe.api.reading.documents import summary_document
from awe.api.reading.run_list import Newest, newest_runs
from awe.api.settings import Settings
from awe.domain.run.state import RunStatus
from awe.projections.queries.runs import RunFilter
from awe.projections.views.summary import RunSummary


def list_(
    *,
    status: Annotated[
        list[RunStatus] | None, typer.Option(help="Only runs of this status; may be given several times.")
    ] = None,
    playbook: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only runs planned with this playbook.")
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            metavar="WORDS", help="Only runs whose goal has these words: '\"a phrase\"', 'or', '-without'."
        ),
    ] = None,
    begin: Annotated[
        int | None,
        typer.Option(
            "--since",
            metavar="TIME",
            parser=since,
            help="Only runs submitted since then: so long ago (90m, 2d), or a time (2026-03-01T09:30).",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    form: StreamOption = StreamOutput.TABLE,
) -> None:
    """List runs, the newest first."""
    statuses = tuple(dict.fromkeys(each.value for each in status or ()))
    wanted = RunFilter(statuses=statuses, text=text or None, playbook=playbook, since_ms=begin)

    async def work(settings: Settings) -> Newest:
        async with sources(settings) as opened:
            return await newest_runs(opened, wanted, limit)

    found, why = carry_out(work)
    tell_stale(why)
    if form is StreamOutput.JSON:
        output.document({"runs": [summary_document(summary) for summary in found]})
    elif form is StreamOutput.NDJSON:
        for summary in found:
            output.line(summary_document(summary))
    else:
        output.data(_table(found))


def _table(found: Sequence[RunSummary]) -> str:
    now_ms = time.time_ns() // 1_000_000
    rows = [
        (
            summary.run,
            summary.status.value,
            local(summary.submitted_ms),
            duration((summary.ended_ms or now_ms) - summary.submitted_ms),
            summary.goal,
        )
        for summary in found
    ]
    return output.table(("RUN", "STATUS", "SUBMITTED", "TIME", "GOAL"), rows)
