"""An entry of the log holds an event and, on a unit's first one, all that the unit did besides adding events.

Indexes, counters, positions, claims and messages are derived from entries and from nothing else (`folding`), so a
unit that has an effect to be remembered has an event to record it on.
"""

from dataclasses import dataclass

from awe.commands.log import Ack, Advance, CounterStep, RecordedEvent, Unit


@dataclass(frozen=True, slots=True)
class Effects:
    """What a unit did besides adding events."""

    control: str | None = None
    claims: int = 0
    counters: tuple[CounterStep, ...] = ()
    advance: Advance | None = None
    acks: tuple[Ack, ...] = ()


NO_EFFECTS = Effects()


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as recorded in ``epoch``; ``queue`` is where it went as a message, if it did."""

    event: RecordedEvent
    epoch: int
    queue: str = ""
    effects: Effects = NO_EFFECTS


def effects_of(unit: Unit) -> Effects:
    """Return what the first entry of a unit has to tell."""
    return Effects(unit.control, unit.claims, tuple(unit.counters), unit.advance, tuple(unit.acks))
