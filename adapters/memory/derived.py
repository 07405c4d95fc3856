"""What a partition knows besides its entries; all of it can be lost, since `folding` makes it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from awe.commands.log import Appended, Control, CounterStep, Limit, Position, RecordedEvent, Reserve, Settle

MessageKey = tuple[int, str]
"""Position and append id of the event that a message carries: after a loss the position alone may be another's."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A bounded counter of a run; without a limit it only counts."""

    limit: int | None = None
    spent: int = 0
    reservations: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def reserved(self) -> int:
        """All open reservations together."""
        return sum(self.reservations.values())

    def admits(self, amount: int) -> bool:
        """Whether a further reservation keeps the bound."""
        return self.limit is None or self.spent + self.reserved + amount <= self.limit

    def after(self, step: CounterStep) -> "Counter":
        """Return the counter as the step leaves it."""
        match step:
            case Limit(_, amount):
                return replace(self, limit=amount)
            case Reserve(_, holder, amount):
                held = self.reservations.get(holder, 0)
                return replace(self, reservations={**self.reservations, holder: held + amount})
            case Settle(_, holder, spent) if holder in self.reservations:
                rest = {other: held for other, held in self.reservations.items() if other != holder}
                return replace(self, spent=self.spent + spent, reservations=rest)
            case Settle():
                return self


@dataclass(frozen=True, slots=True)
class Written:
    """How an aggregate stands: its version and the append that wrote it."""

    version: int = 0
    append_id: str = ""


@dataclass(slots=True)
class RunIndex:
    """What the hot tier knows of one run."""

    aggregates: dict[str, Written] = field(default_factory=dict[str, Written])
    appends: dict[str, Appended] = field(default_factory=dict[str, Appended])
    control: Control = field(default_factory=Control)
    claims: int = 0
    counters: dict[str, Counter] = field(default_factory=dict[str, Counter])
    last: int = 0
    """Position of the run's last event."""


@dataclass(slots=True)
class Derived:
    """Everything a partition derives from its entries."""

    runs: dict[str, RunIndex] = field(default_factory=dict[str, RunIndex])
    positions: dict[str, Position] = field(default_factory=dict[str, Position])
    queues: dict[str, dict[MessageKey, RecordedEvent]] = field(
        default_factory=dict[str, dict[MessageKey, RecordedEvent]]
    )
