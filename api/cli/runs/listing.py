"""`awe runs list`: the newest runs, a line each."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from awe.api.bootstrap import event_store
from awe.api.cli import output
from awe.api.cli.faults import carry_out
from awe.api.cli.live.words import duration
from awe.api.cli.output import StreamOption, StreamOutput
from awe.api.cli.runs.times import local
from awe.api.reading.documents import summary_document
from awe.api.reading.run_list import list_runs
from awe.api.settings import Settings
from awe.domain.run.state import RunStatus
from awe.projections.views.summary import RunSummary


def list_(
    *,
    status: Annotated[
        list[RunStatus] | None, typer.Option(help="Only runs of this status; may be given several times.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    form: StreamOption = StreamOutput.TABLE,
) -> None:
    """List runs, the newest first."""

    async def work(settings: Settings) -> list[RunSummary]:
        async with event_store(settings) as store:
            return await list_runs(store.logs.values(), statuses=status or (), limit=limit)

    found = carry_out(work)
    if form is StreamOutput.JSON:
        output.document({"runs": [summary_document(summary) for summary in found]})
    elif form is StreamOutput.NDJSON:
        for summary in found:
            output.line(summary_document(summary))
    else:
        output.data(_table(found))


def _table(found: list[RunSummary]) -> str:
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
