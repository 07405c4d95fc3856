"""The log as a list: what was appended and not lost, and answers found by walking it from its first write.

Nothing here is fast or clever, so that it can be believed; it knows no index, no tier and no retry.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from awe.commands.log import (
    Conflict,
    CounterStep,
    Exhausted,
    Guarded,
    Limit,
    NewEvent,
    Pressure,
    Reserve,
    Settle,
    Unit,
)

Answer = tuple[str, int, int, bool] | tuple[str, int] | Conflict | Guarded | Exhausted | Pressure
"""An outcome without epoch and time: ``("appended", first, count, repeated)``, ``("misplaced", n)``, or itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A unit that was appended, and the position of its first event; each write is itself and no other."""

    first: int
    unit: Unit

    @property
    def last(self) -> int:
        return self.first + len(self.unit.events) - 1


@dataclass(slots=True)
class Model:
    writes: list[Write] = field(default_factory=list[Write])
    archived: int = 0
    pressure: int = 0
    epoch: int = 0

    @property
    def n(self) -> int:
        return self.writes[-1].last if self.writes else 0

    def lineage(self) -> Sequence[Write]:
        """For each position from 1 on, the write that stands there."""
        return [write for write in self.writes for _ in write.unit.events]

    def events(self) -> Iterator[tuple[Write, int, NewEvent]]:
        for write in self.writes:
            for place, event in enumerate(write.unit.events):
                yield write, write.first + place, event

    def take(self, unit: Unit) -> Answer:
        """Answer a unit of at least one event, and append it if that is the answer."""
        answer = self._answer(unit)
        if answer is not None:
            return answer
        write = Write(self.n + 1, unit)
        self.writes.append(write)
        return ("appended", write.first, len(unit.events), False)

    def lose(self, count: int) -> None:
        """Lose the last events, whole units, but nothing that is archived."""
        left = max(self.n - count, self.archived)
        self.writes = [write for write in self.writes if write.last <= left]

    def archive(self, up_to: int) -> None:
        """Archive whole units up to a position."""
        self.archived = max([self.archived, *(write.last for write in self.writes if write.last <= up_to)])

    def droppable(self, run: str) -> bool:
        """Whether the index of a run may be forgotten."""
        mine = [write for write in self.writes if write.unit.run == run]
        return bool(mine) and mine[-1].last <= self.archived and not sum(write.unit.claims for write in mine)

    def stands(self, run: str, aggregate: str) -> tuple[int, str]:
        """Return an aggregate's version and the append that wrote it."""
        mine = [w for w, _, event in self.events() if w.unit.run == run and event.aggregate == aggregate]
        return len(mine), mine[-1].unit.id if mine else ""

    def control(self, run: str) -> tuple[int, str, str]:
        """Return a run's control version, who wrote it, and the state."""
        told = [w.unit for w in self.writes if w.unit.run == run and w.unit.control is not None]
        return len(told), told[-1].id if told else "", (told[-1].control or "") if told else ""

    def reactor(self, name: str) -> int:
        """Return where a reactor stands."""
        moves = [
            w.unit.advance.to.n for w in self.writes if w.unit.advance and w.unit.advance.reactor == name
        ]
        return moves[-1] if moves else 0

    def outstanding(self, queue: str) -> Sequence[int]:
        """Return the positions of the events whose messages nobody acknowledged."""
        sent = [(n, write.unit.id) for write, n, event in self.events() if event.dispatch == queue]
        acked = {(ack.n, ack.append_id) for write in self.writes for ack in write.unit.acks}
        return [n for n, append_id in sent if (n, append_id) not in acked]

    def _answer(self, unit: Unit) -> Answer | None:
        for write in self.writes:
            if write.unit.id == unit.id:
                return ("appended", write.first, len(unit.events), True)
        for expect in unit.expects:
            version, writer = self.stands(unit.run, expect.aggregate)
            if (version, writer) != (expect.version, expect.append_id):
                return Conflict(expect.aggregate, version, writer)
        control = self.control(unit.run)
        if unit.guard is not None and (unit.guard.version, unit.guard.append_id) != control[:2]:
            return Guarded(*control)
        if unit.admission and self.pressure >= unit.admission:
            return Pressure(self.pressure)
        return self._exhausted(unit) or self._misplaced(unit)

    def _exhausted(self, unit: Unit) -> Exhausted | None:
        past = [step for write in self.writes if write.unit.run == unit.run for step in write.unit.counters]
        for place, step in enumerate(unit.counters):
            if isinstance(step, Reserve):
                limit, spent, held = counted([*past, *unit.counters[:place]], step.dimension)
                reserved = sum(held.values())
                if limit is not None and reserved + spent + step.amount > limit:
                    return Exhausted(step.dimension, limit, spent, reserved)
        return None

    def _misplaced(self, unit: Unit) -> Answer | None:
        advance = unit.advance
        if advance is None:
            return None
        stands = self.reactor(advance.reactor)
        fits = stands < advance.to.n if advance.expected is None else stands == advance.expected.n
        return None if fits and advance.to.epoch == self.epoch else ("misplaced", stands)


def counted(steps: Sequence[CounterStep], dimension: str) -> tuple[int | None, int, Mapping[str, int]]:
    """Return limit, spent, and reservations after all these steps."""
    limit: int | None = None
    spent = 0
    held: dict[str, int] = {}
    for step in steps:
        match step:
            case Limit(of, amount) if of == dimension:
                limit = amount
            case Reserve(of, holder, amount) if of == dimension:
                held[holder] = held.get(holder, 0) + amount
            case Settle(of, holder, amount) if of == dimension and holder in held:
                del held[holder]
                spent += amount
            case _:
                pass
    return limit, spent, held
