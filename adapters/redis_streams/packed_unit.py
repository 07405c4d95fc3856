"""A unit as the append script reads it: one flat run of values, so that the server makes no table for each part."""

from collections.abc import Callable
from typing import Any

from awe.adapters.redis_streams import effects
from awe.adapters.redis_streams.index import CLAIMS, CONTROL
from awe.adapters.redis_streams.keys import Keys
from awe.commands.log import Advance, CounterStep, Limit, Reserve, Settle, Unit

Place = Callable[[str], int]
"""Tells where a key stands among those of the call."""


def packed(unit: Unit, absent_at: int, keys: Keys, place: Place) -> list[Any]:
    """Return a unit's values, in the order that the head of ``append.lua`` describes."""
    aggregates: dict[str, int] = {}
    events: list[Any] = []
    counts: list[int] = []
    spans: list[int] = []
    previous = 0
    for index, event in enumerate(unit.events):
        aggregate = aggregates.setdefault(event.aggregate, len(aggregates) + 1)
        if aggregate > len(counts):
            counts.append(0)
        counts[aggregate - 1] += 1
        if aggregate == previous:
            spans[-1] += 1
        else:
            spans += (aggregate, index + 1, 1)
            previous = aggregate
        told = effects.written(unit, index) if index == 0 or event.dispatch else ""
        events += (
            aggregate,
            counts[aggregate - 1],
            event.type,
            told and f"\t{told}",
            event.body,
            place(keys.queue(event.dispatch)) if event.dispatch else 0,
        )
    written = len(aggregates)
    expects: list[Any] = []
    for expect in unit.expects:
        expects += (
            aggregates.setdefault(expect.aggregate, len(aggregates) + 1),
            expect.version,
            expect.append_id,
        )
    acks: list[Any] = []
    for ack in unit.acks:
        acks += (place(keys.queue(ack.queue)), ack.message_id)
    guard = unit.guard
    fields = [*aggregates, CONTROL, CLAIMS] if aggregates or guard is not None else ()
    return [
        unit.id,
        place(keys.index(unit.run)),
        unit.run,
        absent_at,
        int(unit.admission),
        unit.claims,
        False if unit.control is None else unit.control,
        False if guard is None else guard.version,
        False if guard is None else guard.append_id,
        (place(keys.counters(unit.run)), [_step(step) for step in unit.counters]) if unit.counters else False,
        False if unit.advance is None else _advance(unit.advance),
        len(fields),
        written,
        len(unit.expects),
        len(unit.events),
        len(spans) // 3,
        len(unit.acks),
        *fields,
        *expects,
        *events,
        *spans,
        *acks,
    ]


def _step(step: CounterStep) -> tuple[str, str, str, int]:
    match step:
        case Limit(dimension, amount):
            return ("l", dimension, "", amount)
        case Reserve(dimension, holder, amount):
            return ("r", dimension, holder, amount)
        case Settle(dimension, holder, spent):
            return ("s", dimension, holder, spent)


def _advance(advance: Advance) -> tuple[str, int, int, int]:
    expected = advance.expected
    return (advance.reactor, advance.to.n, advance.to.epoch, -1 if expected is None else expected.n)
