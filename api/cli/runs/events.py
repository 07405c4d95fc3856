"""`awe runs events`: what was recorded of a run, word for word."""

from __future__ import annotations

from collections.abc import Sequence

from awe.api.bootstrap import event_store
from awe.api.cli.event_output import EventWriter
from awe.api.cli.faults import carry_out
from awe.api.cli.output import StreamOption, StreamOutput
from awe.api.cli.runs.one_run import RunArgument, log_of, missing
from awe.api.settings import Settings
from awe.commands.log import RecordedEvent


def events(run: RunArgument, *, form: StreamOption = StreamOutput.TABLE) -> None:
    """Print every event of a run, in the order of the log.

    Numbers are positions in the log of the run's partition. 'json' and 'ndjson' have the events whole.
    """

    async def work(settings: Settings) -> Sequence[RecordedEvent]:
        async with event_store(settings) as store:
            return (await log_of(store, run).history(run)).events

    found = carry_out(work)
    if not found:
        raise missing(run)
    writer = EventWriter(form)
    writer.write(found)
    writer.end()
