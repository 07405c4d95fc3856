"""Which tasks use whose outputs: what nobody uses any more need not be kept."""

from collections.abc import Iterator

from awe.domain.scheduling.blueprint import Blueprint


class Uses:
    """Counts the unfinished users of each task's output, by places in the plan; the run's own outputs are one more."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._sources = blueprint.sources
        self._users = list(blueprint.users)

    def any(self, task: int) -> bool:
        """Whether anybody may still use the task's output."""
        return self._users[task] > 0

    def end(self, task: int) -> Iterator[int]:
        """The task uses nothing any more; yields the tasks whose output now nobody uses."""
        for source in self._sources[task]:
            self._users[source] -= 1
            if not self._users[source]:
                yield source
