"""One partition: its entries in two tiers, its lineage, and what is derived from its entries."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from awe.adapters.memory.derived import Derived
from awe.adapters.memory.entries import Entry
from awe.commands.leases import Held
from awe.commands.log import Position


class State(Enum):
    """Whether a partition answers."""

    OPEN = auto()
    CLOSED = auto()
    """Waits for the healer; clients wait too."""
    HALTED = auto()
    """Waits for a person."""


class RoleHeld(NamedTuple):
    """Who has a role, and until when."""

    holder: str
    until_ms: int


class SavedSnapshot(NamedTuple):
    """A process manager's snapshot, and the archive's last entry at the time."""

    form: str
    n: int
    epoch: int
    last: Entry
    runs: tuple[str, ...]


@dataclass(slots=True)
class Partition:
    """The state of one partition; ``epochs`` tells from which position on each epoch could write.

    ``cold`` holds the entries up to the archived position, from the first on; ``hot`` those above the trimmed one,
    and never none when there are any.
    """

    name: str
    state: State = State.OPEN
    epoch: int = 1
    epochs: dict[int, int] = field(default_factory=lambda: {1: 1})
    hot: list[Entry] = field(default_factory=list[Entry])
    cold: list[Entry] = field(default_factory=list[Entry])
    derived: Derived = field(default_factory=Derived)
    dropped: int = 0
    """Highest last position of an index ever dropped."""
    pressure: int = 0
    full: bool = False
    """Not a byte is left."""
    roles: dict[str, RoleHeld] = field(default_factory=dict[str, RoleHeld])
    leases: dict[Held, int] = field(default_factory=dict[Held, int])
    """Ends of the leases of claimed tasks."""
    snapshots: dict[str, SavedSnapshot] = field(default_factory=dict[str, SavedSnapshot])
    """The last one of each process manager."""

    @property
    def n(self) -> int:
        """Position of the last event."""
        return self.hot[-1].event.n if self.hot else 0

    @property
    def head(self) -> Position:
        """Where a reader stands who has seen everything."""
        return Position(self.n, self.epoch)

    @property
    def time_ms(self) -> int:
        """Time of the last event."""
        return self.hot[-1].event.time_ms if self.hot else 0

    @property
    def archived(self) -> int:
        """Position up to which the archive holds everything."""
        return len(self.cold)

    @property
    def trimmed(self) -> int:
        """Position up to which the hot tier holds nothing any more."""
        return self.hot[0].event.n - 1 if self.hot else 0

    def entries(self) -> Iterator[Entry]:
        """Every entry once, in log order, from whichever tier holds it."""
        yield from self.cold
        yield from self.hot[self.archived - self.trimmed :]
