"""Works on a run in this process, and shows it until it ends, waits for a person, or the user leaves."""

from __future__ import annotations

import asyncio
import sys

from awe.api.bootstrap import EventStore, partition_name
from awe.api.bootstrap.kit import Kit
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.live.showing import show
from awe.api.cli.live.telling import Teller, telling
from awe.api.cli.run.ending import Exported, nothing
from awe.api.cli.run.interrupts import interrupts
from awe.api.goals.preparing import Prepared
from awe.api.reading.exported import export
from awe.api.reading.run_views import watch
from awe.api.roles.engine import Roles, engine
from awe.api.settings import Settings
from awe.commands.messages import RequestCancel
from awe.domain.identifiers import RunId, partition_of
from awe.domain.rejections import RunEnded
from awe.projections.views.run import RunView

DRAIN_S = 3.0


async def run_here(settings: Settings, made: Kit, prepared: Prepared) -> tuple[RunView, Exported]:
    """Return the run as it is in the end, and its artifacts as files.

    Raises:
        CliError: the user left.
    """
    queue = prepared.command.queue
    roles = Roles(queues=() if queue is None else (queue,), drain_s=DRAIN_S)
    with telling(sys.stderr) as teller:
        async with engine(settings, made, roles) as store:
            run = (await store.runs.submit(prepared.command)).run
            view = await _followed(store, made, run, prepared.command.actor, teller)
            return view, await export(view, made.blobs, made.folders.runs)


async def _followed(store: EventStore, made: Kit, run: RunId, actor: str, teller: Teller) -> RunView:
    async def cancel() -> None:
        teller.say("asking to cancel the run; press Ctrl-C once more to leave it to others")
        try:
            await store.runs.cancel(RequestCancel(actor=actor, run=run, reason="interrupted"))
        except RunEnded:
            return

    log = store.logs[partition_name(partition_of(run))]
    with interrupts(cancel) as left:
        showing = asyncio.create_task(show(watch(log, run, made.blobs), teller))
        leaving = asyncio.create_task(left.wait())
        try:
            await asyncio.wait({showing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if showing.done():
                return showing.result()
        finally:
            showing.cancel()
            leaving.cancel()
            await asyncio.wait({showing, leaving})
    raise _left(run)


def _left(run: RunId) -> CliError:
    told = CliError(
        ExitCode.INTERRUPTED,
        "interrupted",
        f"Run {run} is left to other processes.",
        f"'awe up' works on it; watch it with 'awe runs watch {run}'.",
    )
    told.beside = nothing(run=run)
    return told
