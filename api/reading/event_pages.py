"""A page of a run's events, read without the others: what is archived from the archive, only what is not from the log."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from awe.adapters.redis_streams.entries import recorded
from awe.commands.log import EventLog, Page, Position, RecordedEvent
from awe.projections.errors import ArchiveError
from awe.projections.ports import Connections
from awe.projections.queries import events

_NEAR: Final = 1_000
"""So many events of a partition are read through for one run's sooner than all of the run's are gathered."""


class EventPage(NamedTuple):
    """Events in log order, and where to go on behind them; `more`: the run has some there already."""

    events: Sequence[RecordedEvent]
    position: Position
    more: bool


async def event_page(log: EventLog, reads: Connections, run: str, after: int, limit: int) -> EventPage | None:
    """Return up to ``limit`` events of a run behind a position of today's log; None where nothing ever happened to it.

    Raises:
        LogUnavailable: the log cannot be asked now.
    """
    head = await log.head()
    found = await _page(log, reads, run, Position(after, head.epoch), head, limit)
    return found or await _whole(log, run, after, limit)


async def _page(
    log: EventLog, reads: Connections, run: str, at: Position, head: Position, limit: int
) -> EventPage | None:
    """The page up to the head or beyond; None where it cannot be had in this way."""
    try:
        async with reads.connection() as connection:
            archived = await events.page(connection, (log.partition, run), at.n, head.n, limit + 1)
    except ArchiveError:
        return None
    if archived is None or archived.epoch != head.epoch:
        return None  # healed just now: a position of the one is not yet, or no longer, that of the other
    found = [recorded(entry) for entry in archived.entries]
    if len(found) <= limit:
        at = Position(max(at.n, min(archived.n, head.n)), at.epoch)
        if head.n - at.n > _NEAR:
            return None
        while at.n < head.n and len(found) <= limit:
            page = await log.read(at)
            if not isinstance(page, Page) or page.position.epoch != head.epoch or not page.events:
                return None
            found += [event for event in page.events if event.run == run]
            at = page.position
    if not found and not archived.known:
        return None  # none, or all of them not archived and before this page
    return _cut(found, at, limit)


async def _whole(log: EventLog, run: str, after: int, limit: int) -> EventPage | None:
    """The page out of all that the run has."""
    history = await log.history(run)
    if not history.events:
        return None
    return _cut([event for event in history.events if event.n > after], history.position, limit)


def _cut(found: Sequence[RecordedEvent], position: Position, limit: int) -> EventPage:
    if len(found) <= limit:
        return EventPage(found, position, more=False)
    return EventPage(found[:limit], Position(found[limit - 1].n, position.epoch), more=True)
