"""One partition in memory for threads: the decisions of the memory store, each made under a lock."""

from collections.abc import Mapping, Sequence
from threading import Condition

from awe.adapters.clock import SystemClock
from awe.adapters.eventsourcing.journal import Refusal
from awe.adapters.memory import deciding
from awe.adapters.memory.partition import Partition
from awe.commands.log import Appended, Page, Position, RecordedEvent, Unit
from awe.commands.unit_caps import check


class MemoryJournal:
    """One partition; may be shared by threads. It has no archive and never loses anything."""

    def __init__(self, partition: str) -> None:
        self._state = Partition(partition)
        self._clock = SystemClock()
        self._changed = Condition()

    @property
    def partition(self) -> str:
        """The partition's name."""
        return self._state.name

    def append(self, units: Sequence[Unit]) -> Sequence[Appended] | Refusal:
        """Append all units or none; see the port."""
        for unit in units:
            check(unit)
        with self._changed:
            for unit in units:
                told = deciding.answer(self._state, unit, maybe_repeated=False)
                if isinstance(told, Refusal):
                    return told
            done = [deciding.append(self._state, unit, self._clock.now_ms()) for unit in units]
            self._changed.notify_all()
        return [each for each in done if isinstance(each, Appended)]

    def head(self) -> Position:
        """Return the position of the last event."""
        with self._changed:
            return self._state.head

    def read(self, after: int, limit: int) -> Page:
        """Return up to ``limit`` events after a position."""
        with self._changed:
            events = [entry.event for entry in self._state.hot[after : after + limit]]
            return Page(events, Position(after + len(events), self._state.epoch))

    def common(self, position: Position) -> int:
        """Return the position itself: nothing is ever lost."""
        return position.n

    def places(self, run: str) -> Mapping[str, int]:
        """Return the position of each event of a run, by its aggregate."""
        with self._changed:
            found = self._state.derived.runs.get(run)
            spans = [] if found is None else list(found.appends.values())
            hot = self._state.hot
            return {
                entry.event.aggregate: entry.event.n
                for span in spans
                for entry in hot[span.first - 1 : span.first - 1 + span.count]
            }

    def events(self, positions: Sequence[int]) -> Sequence[RecordedEvent]:
        """Return the events at these positions, in log order."""
        with self._changed:
            return [self._state.hot[n - 1].event for n in sorted(positions)]

    def reactor_position(self, reactor: str) -> Position:
        """Return where a reactor stands."""
        with self._changed:
            return self._state.derived.positions.get(reactor, Position(0, 0))

    def tail(self) -> "MemoryTail":
        """Return something that waits for more events."""
        return MemoryTail(self._state, self._changed)


class MemoryTail:
    """Waits for a partition to grow."""

    def __init__(self, state: Partition, changed: Condition) -> None:
        self._state = state
        self._changed = changed

    def wait(self, after: int, seconds: float) -> bool:
        """Tell within that time whether there is an event after a position."""
        with self._changed:
            return self._changed.wait_for(lambda: self._state.n > after, seconds)

    def close(self) -> None:
        """Have nothing to give back."""
