"""How far a build is, how fast it goes, and when it will be done; told in events of the archive."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_WINDOW_S: Final = 10.0
_FEWEST: Final = 2


class Progress(NamedTuple):
    """`done` of `total` events are in the tables; rate in events a second and seconds to go, None while unknown."""

    projection: str
    version: int
    done: int
    total: int
    rate: float | None
    eta_s: float | None
    parked: int


@dataclass(slots=True)
class Pace:
    """The rate over the last seconds: a build that was interrupted counts only what it does now."""

    seen: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])

    def at(self, now_s: float, done: int, total: int) -> tuple[float | None, float | None]:
        """Note how far it is now, and return the rate and the seconds to go."""
        self.seen.append((now_s, done))
        while len(self.seen) > _FEWEST and self.seen[0][0] < now_s - _WINDOW_S:
            self.seen.popleft()
        then_s, before = self.seen[0]
        rate = (done - before) / (now_s - then_s) if now_s > then_s else 0.0
        return (rate, max(0, total - done) / rate) if rate > 0 else (None, None)
