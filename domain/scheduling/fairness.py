"""Whose turn it is: of the runs that wait for one queue, those of the highest priority in turn, one task each (I17).

What is already in a queue cannot be made fair, so only little is ever put there.
"""

from collections import OrderedDict

from awe.domain.identifiers import RunId


class Turns:
    """The runs that may have something to begin, by queue and priority."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[int, OrderedDict[RunId, None]]] = {}

    @property
    def queues(self) -> list[str]:
        """The queues that somebody waits for."""
        return [queue for queue, levels in self._waiting.items() if levels]

    def join(self, run: RunId, queue: str, priority: int) -> None:
        """The run waits for its turn; it keeps its place when it waits already."""
        self._waiting.setdefault(queue, {}).setdefault(priority, OrderedDict()).setdefault(run)

    def leave(self, run: RunId, queue: str, priority: int) -> None:
        """The run has nothing to begin; says nothing when it does not wait."""
        levels = self._waiting.get(queue, {})
        if priority in levels:
            levels[priority].pop(run, None)
            if not levels[priority]:
                del levels[priority]

    def next(self, queue: str) -> RunId | None:
        """Whose turn it is; that run is then last of its priority."""
        levels = self._waiting.get(queue)
        if not levels:
            return None
        runs = levels[max(levels)]
        run = next(iter(runs))
        runs.move_to_end(run)
        return run
