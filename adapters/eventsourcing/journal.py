"""What the recorders ask of one partition of an event log, by threads that may wait."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from awe.commands.log import (
    Appended,
    Conflict,
    Exhausted,
    Guarded,
    Misplaced,
    Page,
    Position,
    Pressure,
    RecordedEvent,
    Unit,
)

Refusal = Conflict | Guarded | Exhausted | Misplaced | Pressure


class Tail(Protocol):
    """Waits for events behind a position; belongs to one thread at a time."""

    def wait(self, after: int, seconds: float) -> bool:
        """Tell within about that time whether it is worth to read from ``after`` on. Never raises."""
        ...

    def close(self) -> None:
        """Give back what waiting needs; may be called again."""
        ...


class Journal(Protocol):
    """One partition; every aggregate of a run has exactly one event.

    A partition that nothing was appended to yet reads as empty, at epoch 0. Questions raise ``LogUnavailable`` when
    they cannot be answered now, and ``LogCorrupt`` when a person must look.
    """

    @property
    def partition(self) -> str:
        """The partition's name."""
        ...

    def append(self, units: Sequence[Unit]) -> Sequence[Appended] | Refusal:
        """Append all units or none, and wait for the outcome over restarts, up to a bound.

        Args:
            units: touch nothing in common; together within the caps of a call.

        Raises:
            LogUnavailable: the bound is reached; the outcome is unknown.
            UnitTooLarge: before anything is sent.
            ValueError: likewise; a unit holds what no log can hold.
        """
        ...

    def head(self) -> Position:
        """Return the position of the last event."""
        ...

    def read(self, after: int, limit: int) -> Page:
        """Return up to ``limit`` events after a position of today's log."""
        ...

    def common(self, position: Position) -> int:
        """Return the last position that today's log shares with the one in which ``position`` was seen."""
        ...

    def places(self, run: str) -> Mapping[str, int]:
        """Return the position of each event of a run, by its aggregate."""
        ...

    def events(self, positions: Sequence[int]) -> Sequence[RecordedEvent]:
        """Return the events at these positions, in log order; what a loss took meanwhile is left out."""
        ...

    def reactor_position(self, reactor: str) -> Position:
        """Return where a reactor stands (``Position(0, 0)`` when it never moved)."""
        ...

    def tail(self) -> Tail:
        """Return something that waits for more events."""
        ...
