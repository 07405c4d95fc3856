"""Every run of an installation in a line each, from one pass over the logs; of a run only its summary is kept."""

import asyncio
from collections.abc import Iterable, Sequence

from awe.api.reading.entries import entry
from awe.commands.log import EventLog, Page, Position
from awe.domain.identifiers import RUN_AGGREGATE
from awe.domain.run.state import RunStatus
from awe.projections.views.summary import RunSummary


async def list_runs(
    logs: Iterable[EventLog], *, statuses: Sequence[RunStatus] = (), limit: int
) -> list[RunSummary]:
    """Return the newest runs first, of these statuses only if any are named."""
    found = [summary for each in await asyncio.gather(*map(_summaries, logs)) for summary in each]
    wanted = [summary for summary in found if not statuses or summary.status in statuses]
    wanted.sort(key=lambda summary: (summary.submitted_ms, summary.run), reverse=True)
    return wanted[:limit]


async def _summaries(log: EventLog) -> list[RunSummary]:
    while True:
        head = await log.head()
        found: dict[str, RunSummary] = {}
        position = Position(0, head.epoch)
        while position.n < head.n:
            page = await log.read(position)
            if not isinstance(page, Page):
                break  # the log lost its end meanwhile: begin again
            for event in page.events:
                if event.aggregate == RUN_AGGREGATE:
                    found.setdefault(event.run, RunSummary(event.run)).apply(entry(event))
            position = page.position
        else:
            return list(found.values())
