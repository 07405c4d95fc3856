"""The one way from entries to everything else: an append moves what is derived by the same fold that healing runs.

So the two cannot differ, and an effect that its entry does not tell does not happen.
"""

from collections.abc import Iterable
from dataclasses import replace

from awe.adapters.memory.derived import Counter, Derived, RunIndex, Written
from awe.adapters.memory.entries import NO_EFFECTS, Effects, Entry
from awe.commands.log import Ack, Advance, Appended, Control


def fold(entries: Iterable[Entry]) -> Derived:
    """Return what all these entries, in log order, leave."""
    derived = Derived()
    for entry in entries:
        record(derived, entry)
    return derived


def record(derived: Derived, entry: Entry) -> None:
    """Move what is derived past one more entry."""
    event = entry.event
    run = derived.runs.setdefault(event.run, RunIndex())
    index_entry(run, entry)
    move(derived, entry.effects.advance, entry.effects.acks)
    if entry.queue:
        derived.queues.setdefault(entry.queue, {})[event.n, event.append_id] = event


def index_entry(run: RunIndex, entry: Entry) -> None:
    """Move the index of the entry's run past it."""
    event = entry.event
    run.aggregates[event.aggregate] = Written(event.version, event.append_id)
    begun = run.appends.get(event.append_id, Appended(event.n, 0, entry.epoch, event.time_ms, repeated=True))
    run.appends[event.append_id] = replace(begun, count=begun.count + 1)
    run.last = event.n
    if entry.effects is not NO_EFFECTS:
        _restrict(run, entry.effects, event.append_id)


def move(derived: Derived, advance: Advance | None, acks: Iterable[Ack]) -> None:
    """Move a reactor and take acknowledged messages away: all that a unit without events can do."""
    if advance is not None:
        derived.positions[advance.reactor] = advance.to
    for ack in acks:
        derived.queues.get(ack.queue, {}).pop((ack.n, ack.append_id), None)


def _restrict(run: RunIndex, effects: Effects, append_id: str) -> None:
    if effects.control is not None:
        run.control = Control(run.control.version + 1, append_id, effects.control)
    run.claims += effects.claims
    for step in effects.counters:
        run.counters[step.dimension] = run.counters.get(step.dimension, Counter()).after(step)
