"""A line of the result: what was measured, what it is held against, and whether that is good enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks.spread import Spread


@dataclass(frozen=True, slots=True)
class Target:
    """The bound that the median should keep; `least` turns it from an upper into a lower one."""

    bound: float
    least: bool = False

    def met(self, figure: float) -> bool:
        return figure >= self.bound if self.least else figure <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.least else '<='} {self.bound:g}"


class Entry(NamedTuple):
    """Where the JSON has a row once more, by the names that others compare: a section, a name in it, its figures."""

    section: str
    name: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """`judged` is the ratio to the floor, or the figure itself where there is no floor; it is what the target bounds.

    Without a target a row is for information.
    """

    name: str
    unit: str
    measured: Spread
    judged: Spread
    floor: Spread | None = None
    target: Target | None = None
    note: str = ""
    entry: Entry | None = None

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.met(self.judged.median)
