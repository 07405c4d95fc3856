"""Fills a partition quickly, through the append script: units as large as a call may be."""

from awe.commands.log import EVENTS_PER_CALL, NEW_RUN, EventLog, NewEvent, Unit
from awe.domain.task.events import TaskSucceeded
from benchmarks.author import AGGREGATES, EVENTS_OF_TASK, SUMMARY, body, new_append_id, new_run


async def fill(log: EventLog, count: int, *, summary: str = SUMMARY, unit: int = EVENTS_PER_CALL) -> None:
    """Append `count` events: runs of 100 tasks with five events each, one unit a run, or smaller ones of `unit`."""
    encoded = body(new_append_id(), summary)
    events = [
        NewEvent(aggregate, TaskSucceeded.event_type, encoded)
        for aggregate in AGGREGATES
        for _ in range(EVENTS_OF_TASK)
    ]
    for start in range(0, count, unit):
        part = events[: min(unit, count - start)]
        await log.append(Unit(new_append_id(), new_run(), part, absent_at=NEW_RUN))


async def widen(log: EventLog, run: str, aggregates: int) -> None:
    """Give a run so many more aggregates of one event."""
    encoded = body(new_append_id(), "")
    for start in range(0, aggregates, EVENTS_PER_CALL):
        events = [
            NewEvent(f"t:wide[{number}]", TaskSucceeded.event_type, encoded)
            for number in range(start, min(start + EVENTS_PER_CALL, aggregates))
        ]
        await log.append(Unit(new_append_id(), run, events))
