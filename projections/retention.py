"""How long archived events stay in the hot tier: until they have been in the archive for a window of time.

The window must be longer than a Postgres standby may lag: what a failover of Postgres loses is then still hot and is
archived again. It is counted on the archiver's own clock from commits it made itself, so nothing is trimmed on the
word of a mark that the archive may no longer bear out.
"""

from collections import deque
from dataclasses import dataclass, field

TRIM_EVERY_S = 1.0


@dataclass(slots=True)
class Retention:
    """One archiver's memory of what it archived when; times are seconds of any monotonic clock."""

    window_s: float
    _commits: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])
    _ripe: int = 0
    _not_before: float = 0.0

    def archived(self, n: int, now: float) -> None:
        """Remember that all up to ``n`` was in the archive at ``now``."""
        self._commits.append((now, n))

    def due(self, now: float) -> int | None:
        """Return the position before which the hot tier may be trimmed, when it is time to trim again."""
        while self._commits and self._commits[0][0] <= now - self.window_s:
            self._ripe = self._commits.popleft()[1]
        if not self._ripe or now < self._not_before:
            return None
        ripe, self._ripe = self._ripe, 0
        self._not_before = now + TRIM_EVERY_S
        return ripe
