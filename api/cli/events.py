"""`awe events`: the log itself, from whichever tier holds it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Final, NamedTuple

import typer

from awe.api.bootstrap import event_store, partition_name
from awe.api.cli.errors import CliError
from awe.api.cli.event_output import EventWriter
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.nouns import SUMMARIES, noun
from awe.api.cli.output import StreamOption, StreamOutput
from awe.api.settings import Settings
from awe.commands.log import EventLog, Page, Position, RecordedEvent, Rewound
from awe.domain.identifiers import partition_of

app = noun(SUMMARIES["events"])

_LAST: Final = 20


@app.command()
def tail(
    *,
    begin: Annotated[
        int | None,
        typer.Option(
            "--from", metavar="N", min=1, help="Begin with event N of each partition, not near its end."
        ),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="Only the events of this run.")] = None,
    form: StreamOption = StreamOutput.TABLE,
) -> None:
    """Print the last events of the log, or all from one on.

    Positions count from 1 in each partition. 'json' and 'ndjson' have the events whole.
    """
    if follow and form is StreamOutput.JSON:
        raise CliError(
            ExitCode.INVALID, "usage", "A document that is followed never ends.", "Use --output ndjson."
        )
    writer = EventWriter(form)

    async def go_on(log: EventLog, start: _Start) -> None:
        async for events in _further(log, start, follow=follow):
            writer.write(event for event in events if run is None or event.run == run)

    async def work(settings: Settings) -> None:
        async with event_store(settings) as store:
            logs = [
                log
                for name, log in store.logs.items()
                if run is None or name == partition_name(partition_of(run))
            ]
            starts = await asyncio.gather(*(_start(log, begin, run) for log in logs))
            events = sorted((event for start in starts for event in start.events), key=_by_time)
            writer.write(events if run is not None else events[-_LAST:])
            async with asyncio.TaskGroup() as group:
                for log, start in zip(logs, starts, strict=True):
                    group.create_task(go_on(log, start))

    carry_out(work)
    writer.end()


class _Start(NamedTuple):
    """What is printed at once, and from where to where reading goes on; a follower knows no end."""

    events: Sequence[RecordedEvent]
    after: Position
    until: int


async def _start(log: EventLog, begin: int | None, run: str | None) -> _Start:
    if run is not None:
        history = await log.history(run)
        events = [event for event in history.events if event.n >= (begin or 1)]
        return _Start(events, history.position, history.position.n)
    head = await log.head()
    if begin is not None:
        return _Start((), Position(begin - 1, head.epoch), head.n)
    page = await log.read(Position(max(0, head.n - _LAST), head.epoch))
    if isinstance(page, Rewound):  # the log lost its end just now
        return _Start((), page.common, page.common.n)
    return _Start(page.events, page.position, page.position.n)


async def _further(log: EventLog, start: _Start, *, follow: bool) -> AsyncGenerator[Sequence[RecordedEvent]]:
    """Page by page what follows the start."""
    if follow:
        async for page in log.follow(start.after):
            if isinstance(page, Page):
                yield page.events
        return
    position = start.after
    while position.n < start.until:
        page = await log.read(position)
        if isinstance(page, Rewound):
            return
        yield page.events
        position = page.position


def _by_time(event: RecordedEvent) -> tuple[int, str, int]:
    return (event.time_ms, event.run[:4], event.n)
