"""A large run through GraphQL: the page of one with two thousand tasks, and one of ten thousand events as it was."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from awe.commands.log import EVENTS_PER_CALL, NEW_RUN, NewEvent, Unit
from awe.domain.events import Context, encode
from awe.domain.identifiers import run_id_from
from benchmarks.author import new_append_id
from benchmarks.in_flight import Call
from benchmarks.reading.room import fresh_door, one_row
from benchmarks.reading.story import events_of, told
from benchmarks.reading.timing import row, timed
from benchmarks.row import Row, Target
from benchmarks.settings import Settings
from support.graphql_door import Door

_PAGE: Final = Target(80.0)
_AS_OF: Final = Target(400.0)
_TASKS: Final = 2_000
_CALLS: Final = 100
_RUN: Final = run_id_from(bytes(17), 1)

_FIELDS: Final = """{ id status goal playbook submittedAt endedAt tasksCounted { begun succeeded dead skipped } position
    inputs plan { number digest document } findings { code } outputs
    tasks(first: 100, after: $after) { nodes { key status attempt worker readyAt begunAt endedAt failure output
        operations { tool status } } pageInfo { hasNextPage endCursor } } }"""
_NOW: Final = f"query ($id: ID!, $after: String) {{ run(id: $id) {_FIELDS} }}"
_THEN: Final = f"query ($id: ID!, $asOf: Position!, $after: String) {{ run(id: $id, asOf: $asOf) {_FIELDS} }}"


async def reading_run(settings: Settings) -> Sequence[Row]:
    """By turns on one server: the floor is the row of the run by its primary key."""
    count, tasks = settings.sized(_CALLS, least=5), settings.sized(_TASKS, least=10)
    async with fresh_door(settings) as room:
        await _happen(room, tasks)
        position = f"00:{events_of(tasks)}:1"
        first = (await room.ask(_NOW, id=_RUN)).data["run"]
        then = (await room.ask(_THEN, id=_RUN, asOf=position)).data["run"]
        if first != then or first["status"] != "SUCCEEDED" or first["tasksCounted"]["succeeded"] != tasks:
            raise RuntimeError("the run is not the one that happened")
        calls: dict[str, Call] = {
            "floor": partial(one_row, room, _RUN),
            "now": partial(_asked, room, _NOW),
            "then": partial(_asked, room, _THEN, asOf=position),
        }
        turns = await timed(settings, calls, count)
    note = f"through GraphQL, {count} calls a turn, 100 tasks with their calls; floor = SELECT by primary key, p99"
    floor = turns["floor"]
    return [
        row(f"page of a run of {tasks:,} tasks", "page_of_run", turns["now"], floor, _PAGE, note),
        row(f"asOf of a run of {events_of(tasks):,} events", "as_of", turns["then"], floor, _AS_OF),
    ]


async def _happen(room: Door, tasks: int) -> None:
    """Let a run of so many tasks happen, and take it into the read models."""
    events = [
        NewEvent(aggregate, event.event_type, encode(event, Context("worker")))
        for aggregate, event in told(tasks)
    ]
    for at in range(0, len(events), EVENTS_PER_CALL):
        part, absent = events[at : at + EVENTS_PER_CALL], 0 if at else NEW_RUN
        await room.tiers.log.append(Unit(new_append_id(), _RUN, part, absent_at=absent))
    await room.project()


async def _asked(room: Door, query: str, **more: str) -> Any:
    return (await room.ask(query, id=_RUN, **more)).data
