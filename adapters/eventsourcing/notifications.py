"""Events of a log as an application's notifications."""

from collections.abc import Callable, Sequence

from eventsourcing.persistence import Notification

from awe.adapters.eventsourcing.originators import originator_of
from awe.commands.log import EVENTS_PER_CALL, Page, RecordedEvent


def notification(event: RecordedEvent) -> Notification:
    """Return the notification of an event."""
    return Notification(originator_of(event.run), int(event.aggregate), event.type, event.body, event.n)


def select(
    read: Callable[[int, int], Page], after: int, stop: int | None, limit: int, topics: Sequence[str]
) -> list[RecordedEvent]:
    """Return up to ``limit`` events of these topics (all when empty) after a position, up to ``stop`` inclusive.

    ``read(after, limit)`` is asked for each event at most once, for no more than may be wanted.
    """
    found: list[RecordedEvent] = []
    wanted = frozenset(topics)
    while len(found) < limit and (stop is None or after < stop):
        size = EVENTS_PER_CALL if wanted else min(EVENTS_PER_CALL, limit - len(found))
        page = read(after, size if stop is None else min(size, stop - after))
        if not page.events:
            break
        found.extend(event for event in page.events if not wanted or event.type in wanted)
        after = page.position.n
    return found[:limit]
