"""How long calls take: by turns with a floor, so that the machine's good and bad minutes fall on all of them alike."""

import gc
import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.in_flight import Call
from benchmarks.row import Entry, Row, Target
from benchmarks.settings import Settings
from benchmarks.spread import Spread


class Times(NamedTuple):
    """Milliseconds of one turn's calls."""

    p50: float
    p99: float

    @classmethod
    def of(cls, taken_s: Sequence[float]) -> "Times":
        ordered = sorted(taken_s)
        return cls(median(ordered) * 1e3, ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1e3)


Turns = Mapping[str, Sequence[Times]]


async def timed(settings: Settings, calls: Mapping[str, Call], count: int) -> Turns:
    """Make each call a few times to warm up, then `count` times in each turn, one after the other."""
    found: dict[str, list[Times]] = {name: [] for name in calls}
    for call in calls.values():
        for _ in range(3):
            await call()
    for turn in range(settings.repeats):
        for name in list(calls)[:: -1 if turn % 2 else 1]:
            gc.collect()  # nobody pays for another's garbage
            found[name].append(Times.of([await _one(calls[name]) for _ in range(count)]))
    return found


async def _one(call: Call) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


def row(
    name: str, key: str, turns: Sequence[Times], floor: Sequence[Times], target: Target, note: str = ""
) -> Row:
    """The p99 in milliseconds, which the target bounds; how often the floor's it is, the note and the JSON say.

    ``note`` is about all rows of a shape: it is said with the first one.
    """
    p50, p99 = (Spread.of([getattr(each, of) for each in turns]) for of in ("p50", "p99"))
    ratio = Spread.of([one.p99 / other.p99 for one, other in zip(turns, floor, strict=True)])
    of_floor = Spread.of([each.p99 for each in floor])
    told = f"p50 {p50.median:.1f} ms; the p99 is {ratio.median:.0f} times that of the floor ({ratio.least:.0f}-{ratio.most:.0f})"
    return Row(
        f"{name}, p99",
        "ms",
        p99,
        p99,
        of_floor,
        target,
        f"{told}; {note}" if note else told,
        Entry("reading", key, {"p50_ms": p50, "p99_ms": p99, "floor_p99_ms": of_floor, "ratio": ratio}),
    )
