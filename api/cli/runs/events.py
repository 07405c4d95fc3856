"""`awe runs events`: what was recorded of a run, word for word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

import typer

from awe.api.cli import output
from awe.api.cli.errors import CliError
from awe.api.cli.event_output import EventWriter
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.output import StreamOption, StreamOutput
from awe.api.cli.runs.one_run import RunArgument, missing, partition_in
from awe.api.cli.runs.reading import sources, tell_stale
from awe.api.reading.run_history import history
from awe.api.settings import Settings
from awe.commands.log import EventLog, LogUnavailable, Position, RecordedEvent, Rewound
from awe.domain.run.events import RunCancelled, RunFailed, RunSucceeded

_LAST: Final = tuple(f"{event.event_name}/" for event in (RunSucceeded, RunFailed, RunCancelled))


def events(
    run: RunArgument,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more until the run ends.")] = False,
    form: StreamOption = StreamOutput.TABLE,
) -> None:
    """Print every event of a run, in the order of the log.

    Numbers are positions in the log of the run's partition. 'json' and 'ndjson' have the events whole.
    """
    writer = EventWriter(form)

    async def work(settings: Settings) -> None:
        async with sources(settings) as opened:
            partition = partition_in(opened.logs, run)
            found = await history(opened, partition, run)
            if not found.events:
                raise missing(run)
            if follow and found.position is None:
                raise LogUnavailable(f"Run {run} cannot be followed now: {found.stale}")
            tell_stale(found.stale)
            writer.write(found.events)
            if follow and found.position is not None and not _ended(found.events):
                await follow_run(opened.logs[partition], run, found.position, writer)

    if follow and form is StreamOutput.JSON:
        raise CliError(
            ExitCode.INVALID, "usage", "A document that is followed may never end.", "Use --output ndjson."
        )
    carry_out(work)
    writer.end()


async def follow_run(log: EventLog, run: str, after: Position, writer: EventWriter) -> None:
    """Write what happens to a run behind a position, until it ends; what was lost meanwhile is told."""
    async for page in log.follow(after):
        if isinstance(page, Rewound):
            output.note(
                f"rewound: of the events behind {page.common.n} those that follow here are what survived"
            )
            continue
        mine = [event for event in page.events if event.run == run]
        writer.write(mine)
        if _ended(mine):
            return


def _ended(events: Iterable[RecordedEvent]) -> bool:
    return any(event.type.startswith(_LAST) for event in events)
