"""When to look at a run again: retries, deadlines, and judgements that had to wait.

A timer only wakes; what is then done follows from the run's state, so one that is set twice or too early does no harm.
"""

import heapq

from awe.domain.identifiers import RunId


class Timers:
    """Runs by the Unix time in milliseconds at which they are to be looked at."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, RunId]] = []
        self._known: set[tuple[int, RunId]] = set()

    @property
    def next_ms(self) -> int | None:
        """When the next one is due."""
        return self._heap[0][0] if self._heap else None

    @property
    def runs(self) -> frozenset[RunId]:
        """The runs that are to be looked at some time."""
        return frozenset(run for _, run in self._known)

    def wake_at(self, due_ms: int, run: RunId) -> None:
        if (due_ms, run) not in self._known:
            self._known.add((due_ms, run))
            heapq.heappush(self._heap, (due_ms, run))

    def due(self, now_ms: int) -> set[RunId]:
        """Take what is due."""
        runs: set[RunId] = set()
        while self._heap and self._heap[0][0] <= now_ms:
            timer = heapq.heappop(self._heap)
            self._known.discard(timer)
            runs.add(timer[1])
        return runs
