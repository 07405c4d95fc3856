"""`awe runs cancel`: lets nothing new begin in a run; what runs is still reported."""

from __future__ import annotations

from typing import Annotated

import typer

from awe.api.bootstrap import event_store
from awe.api.cli import output
from awe.api.cli.actor import actor
from awe.api.cli.faults import carry_out
from awe.api.cli.output import Output, OutputOption
from awe.api.cli.runs.one_run import RunArgument, partition_in
from awe.api.roles.openness import ensure_open
from awe.api.settings import Settings
from awe.commands.messages import RequestCancel
from awe.domain.identifiers import parse_run_id


def cancel(
    run: RunArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why, for those who read it later.")] = "",
    form: OutputOption = Output.TABLE,
) -> None:
    """Request the cancel of a run.

    Nothing new begins, what runs is still reported, then the run ends as cancelled. Asking again changes nothing.
    """

    async def work(settings: Settings) -> bool:
        command = RequestCancel(actor=actor(), run=parse_run_id(run), reason=reason)
        async with event_store(settings, keeper=settings.embedded) as store:
            await ensure_open(store, partition_in(store.logs, run))
            return (await store.runs.cancel(command)).changed

    changed = carry_out(work)
    if form is Output.JSON:
        output.document({"run": run, "changed": changed})
    else:
        output.note(f"cancel of {run} requested" if changed else f"cancel of {run} was requested before")
