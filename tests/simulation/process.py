"""A process: its callbacks run, wait, or never run again; it knows in which calls of its ports it is at the moment."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType


class State(Enum):
    RUNNING = auto()
    STOPPED = auto()
    DEAD = auto()


@dataclass(slots=True)
class Trap:
    """Springs before a step that the process takes inside a call of this kind, after so many such steps."""

    kind: str
    steps: int
    spring: Callable[[], None]


class Inside:
    """Counts a call for as long as it lasts."""

    __slots__ = ("_counts", "_kind")

    def __init__(self, counts: Counter[str], kind: str) -> None:
        self._counts = counts
        self._kind = kind

    def __enter__(self) -> None:
        self._counts[self._kind] += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._counts[self._kind] -= 1


class Process:
    def __init__(self, name: str, role: str) -> None:
        self.name = name
        self.role = role
        self.state = State.RUNNING
        self.leaving = False
        self.held: list[asyncio.Handle] = []
        self.trap: Trap | None = None
        self._inside: Counter[str] = Counter()

    def inside(self, kind: str) -> Inside:
        """Say that a call of this kind is under way."""
        return Inside(self._inside, kind)

    @property
    def points(self) -> list[str]:
        """The kinds of calls under way."""
        return [kind for kind, number in self._inside.items() if number]

    @property
    def dead(self) -> bool:
        return self.state is State.DEAD

    def admits(self, handle: asyncio.Handle) -> bool:
        """Whether the process takes its next step now."""
        trap = self.trap
        if trap is not None and self._inside[trap.kind] and self.state is State.RUNNING:
            trap.steps -= 1
            if trap.steps < 0:
                self.trap = None
                trap.spring()
        if self.state is State.STOPPED:
            self.held.append(handle)
        return self.state is State.RUNNING
