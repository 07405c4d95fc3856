"""The state of partitions, shared by several clients; every operation is one atomic step.

Clients reach the first group of methods over their wires. The second group is what happens to a server from outside:
the archiver, the trimmer, the watcher, the healer, and failures.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from awe.adapters.clock import SystemClock
from awe.adapters.memory import deciding, healing, tiers
from awe.adapters.memory.bell import Bell
from awe.adapters.memory.deciding import Cold
from awe.adapters.memory.derived import RunIndex
from awe.adapters.memory.partition import Partition, State
from awe.commands.clock import Clock
from awe.commands.lineage import common
from awe.commands.log import (
    Control,
    LogCorrupt,
    LogUnavailable,
    Outcome,
    Page,
    Position,
    RecordedEvent,
    Rewound,
    RunHistory,
    Unit,
)


class PartitionClosed(LogUnavailable):
    """The partition waits for the healer; nothing was done."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The hot tier has no events there any more: the archive has, as of this position's epoch."""

    head: Position


class MemoryServer:
    """One server's partitions; a name that was never used is a new, open, empty partition."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = SystemClock() if clock is None else clock
        self.awake = asyncio.Event()
        self.awake.set()
        self._partitions: dict[str, Partition] = {}
        self._bells: dict[str, Bell] = {}

    # What clients ask

    def append(self, name: str, unit: Unit, *, maybe_repeated: bool) -> Outcome | Cold:
        """Answer a unit (`deciding`)."""
        partition = self._open(name)
        before = partition.n
        told = deciding.append(partition, unit, self.clock.now_ms(), maybe_repeated=maybe_repeated)
        if partition.n > before:
            self.bell(name).ring()
        return told

    def read(self, name: str, after: Position, limit: int) -> Page | Rewound | Trimmed:
        """Return events after a position from the hot tier, with the lineage seen in the same step."""
        partition = self._open(name)
        shared = common(partition.epochs, after)
        if shared < after.n:
            return Rewound(Position(shared, partition.epoch))
        if after.n < partition.trimmed:
            return Trimmed(partition.head)
        begin = after.n - partition.trimmed
        events = [entry.event for entry in partition.hot[begin : begin + limit]]
        return Page(events, Position(after.n + len(events), partition.epoch))

    def read_archive(self, name: str, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Return events after a number from the archive."""
        return [entry.event for entry in self._open(name).cold[after : after + limit]]

    def read_archived_index(self, name: str, run: str) -> tuple[RunIndex | None, int]:
        """Return the index of a run as the archive tells it, and the position up to which it was read."""
        partition = self._open(name)
        return tiers.archived_index(partition, run), partition.archived

    def restore_index(self, name: str, run: str, index: RunIndex, read_up_to: int) -> None:
        """Bring a dropped index back (`tiers.restore_index`)."""
        tiers.restore_index(self._open(name), run, index, read_up_to)

    def history(self, name: str, run: str, aggregate: str | None) -> RunHistory:
        """Return every event of a run, or of one of its aggregates."""
        partition = self._open(name)
        index = partition.derived.runs.get(run) or tiers.archived_index(partition, run)
        events = [
            entry.event
            for entry in partition.entries()
            if entry.event.run == run and aggregate in {None, entry.event.aggregate}
        ]
        return RunHistory(events, Control() if index is None else index.control, partition.head)

    def head(self, name: str) -> Position:
        """Return the position of the last event."""
        return self._open(name).head

    def reactor_position(self, name: str, reactor: str) -> Position:
        """Return where a reactor stands."""
        return self._open(name).derived.positions.get(reactor, Position(0, 0))

    def messages(self, name: str, queue: str) -> Sequence[RecordedEvent]:
        """Return the events that are messages of a work queue and nobody acknowledged, oldest first."""
        return list(self.partition(name).derived.queues.get(queue, {}).values())

    def send_again(self, name: str, queue: str, keys: Sequence[tuple[int, str]]) -> None:
        """Put messages into a work queue again, made from the events they carry."""
        partition = self._open(name)
        for entry in partition.entries():
            event = entry.event
            if (event.n, event.append_id) in keys:
                partition.derived.queues.setdefault(queue, {})[event.n, event.append_id] = event
        self.bell(name).ring()

    def bell(self, name: str) -> Bell:
        """Rings when the partition has more events, or opens again."""
        return self._bells.setdefault(name, Bell())

    # What happens to a server

    def partition(self, name: str) -> Partition:
        """Return a partition, for a look inside or a change of its pressure."""
        return self._partitions.setdefault(name, Partition(name))

    def archive(self, name: str, up_to: int) -> None:
        """Copy entries to the archive, up to a position (or the head)."""
        tiers.archive(self.partition(name), up_to)

    def trim(self, name: str, up_to: int) -> None:
        """Forget archived hot entries up to a position; never the last entry."""
        tiers.trim(self.partition(name), up_to)

    def drop_index(self, name: str, run: str) -> bool:
        """Forget a run's index; says no when it has an open claim or is not archived whole."""
        return tiers.drop_index(self.partition(name), run)

    def crash(self, name: str, *, lost: int = 0) -> None:
        """Fail, and come back without the last ``lost`` hot entries; the partition waits for the healer."""
        healing.lose_tail(self.partition(name), lost)

    def lose_derived(self, name: str) -> None:
        """Fail, and come back with the log alone; the partition waits for the healer."""
        healing.lose_derived(self.partition(name))

    def heal(self, name: str) -> None:
        """Open a partition under a new epoch."""
        healing.heal(self.partition(name))
        self.bell(name).ring()

    def halt(self, name: str) -> None:
        """Stop a partition for a person to look."""
        self.partition(name).state = State.HALTED
        self.bell(name).ring()

    def pause(self) -> None:
        """Serve nothing until ``resume``; requests wait, and are served then."""
        self.awake.clear()

    def resume(self) -> None:
        """Serve what waited, and go on."""
        self.awake.set()

    def _open(self, name: str) -> Partition:
        partition = self.partition(name)
        if partition.state is State.HALTED:
            raise LogCorrupt(f"Partition {name} is halted: find out why before it is healed.")
        if partition.state is State.CLOSED:
            raise PartitionClosed(f"Partition {name} waits for the healer: repeat later.")
        return partition
