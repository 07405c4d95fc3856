"""What the log answers to a unit: the executable specification of the append script.

`answer` looks only; a unit is checked whole, in this order, before `append` writes anything of it. The outcome
depends on the partition and the unit alone.
"""

from dataclasses import dataclass, replace

from awe.adapters.memory.derived import Counter, RunIndex, Written
from awe.adapters.memory.entries import NO_EFFECTS, Entry, effects_of
from awe.adapters.memory.folding import move, record
from awe.adapters.memory.partition import Partition
from awe.commands.log import (
    NEW_RUN,
    Appended,
    Conflict,
    Exhausted,
    Guarded,
    Misplaced,
    Outcome,
    Position,
    Pressure,
    RecordedEvent,
    Reserve,
    Unit,
)

FULL = 100


@dataclass(frozen=True, slots=True)
class Cold:
    """The hot tier has no index of the run and cannot tell whether the run is new."""


def append(partition: Partition, unit: Unit, now_ms: int, *, maybe_repeated: bool = False) -> Outcome | Cold:
    """Answer a unit, and write it when nothing speaks against it.

    Args:
        partition: where; it is open.
        unit: what, checked for caps.
        now_ms: the server's time.
        maybe_repeated: the unit may have been applied before, so its run is not taken for new.
    """
    refused = answer(partition, unit, maybe_repeated=maybe_repeated)
    return _write(partition, unit, now_ms) if refused is None else refused


def answer(partition: Partition, unit: Unit, *, maybe_repeated: bool) -> Outcome | Cold | None:
    """Return what stands in the way of a unit, or its first result; ``None`` when it may be written."""
    run = partition.derived.runs.get(unit.run)
    if run is None:
        if _is_cold(partition, unit, maybe_repeated=maybe_repeated):
            return Cold()
        run = RunIndex()
    return (
        _first_result(run, unit, partition.epoch)
        or _conflict(run, unit)
        or _guarded(run, unit)
        or _pressure(partition, unit)
        or _exhausted(run, unit)
        or _misplaced(partition, unit, maybe_repeated=maybe_repeated)
    )


def _is_cold(partition: Partition, unit: Unit, *, maybe_repeated: bool) -> bool:
    absent_at = 0 if maybe_repeated and unit.absent_at == NEW_RUN else unit.absent_at
    asks = bool(unit.events) or bool(unit.expects) or unit.guard is not None
    return asks and absent_at < partition.dropped


def _first_result(run: RunIndex, unit: Unit, epoch: int) -> Appended | None:
    first = run.appends.get(unit.id) if unit.events else None
    return None if first is None else replace(first, epoch=epoch)


def _conflict(run: RunIndex, unit: Unit) -> Conflict | None:
    for expect in unit.expects:
        found = run.aggregates.get(expect.aggregate, Written())
        if found != Written(expect.version, expect.append_id):
            return Conflict(expect.aggregate, found.version, found.append_id)
    return None


def _guarded(run: RunIndex, unit: Unit) -> Guarded | None:
    control, guard = run.control, unit.guard
    if guard is None or (guard.version, guard.append_id) == (control.version, control.append_id):
        return None
    return Guarded(control.version, control.append_id, control.state)


def _pressure(partition: Partition, unit: Unit) -> Pressure | None:
    if 0 < unit.admission <= partition.pressure:
        return Pressure(partition.pressure)
    return None


def _exhausted(run: RunIndex, unit: Unit) -> Exhausted | None:
    counters = dict(run.counters)
    for step in unit.counters:
        counter = counters.get(step.dimension, Counter())
        if isinstance(step, Reserve) and counter.limit is not None and not counter.admits(step.amount):
            return Exhausted(step.dimension, counter.limit, counter.spent, counter.reserved)
        counters[step.dimension] = counter.after(step)
    return None


def _misplaced(partition: Partition, unit: Unit, *, maybe_repeated: bool) -> Misplaced | None:
    advance = unit.advance
    if advance is None:
        return None
    stored = partition.derived.positions.get(advance.reactor, Position(0, 0))
    done_before = maybe_repeated and not unit.events and stored == advance.to
    fits = stored.n < advance.to.n if advance.expected is None else stored.n == advance.expected.n
    if done_before or (fits and advance.to.epoch == partition.epoch):
        return None
    return Misplaced(advance.reactor, stored, partition.epoch)


def _write(partition: Partition, unit: Unit, now_ms: int) -> Outcome:
    if partition.full:
        return Pressure(FULL)
    first = partition.n + 1
    time_ms = max(now_ms, partition.time_ms)
    if not unit.events:
        move(partition.derived, unit.advance, unit.acks)
    for index, new in enumerate(unit.events):
        run = partition.derived.runs.get(unit.run, RunIndex())
        version = run.aggregates.get(new.aggregate, Written()).version + 1
        event = RecordedEvent(
            first + index, unit.run, new.aggregate, version, new.type, unit.id, index, time_ms, new.body
        )
        entry = Entry(event, partition.epoch, new.dispatch, NO_EFFECTS if index else effects_of(unit))
        partition.hot.append(entry)
        record(partition.derived, entry)
    return Appended(first, len(unit.events), partition.epoch, time_ms)
