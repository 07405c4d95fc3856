"""Which tasks use whose outputs: what nobody uses any more need not be kept."""

from collections.abc import Iterator

from awe.domain.plan.graph import Graph
from awe.domain.plan.mentions import mentions
from awe.domain.plan.model import Plan, Task


class Uses:
    """Counts the unfinished users of each task's output, by places in the plan; the run's own outputs are one more."""

    def __init__(self, plan: Plan, graph: Graph) -> None:
        self._index = graph.index
        self._sources = [frozenset(self._used_by(task)) for task in plan.tasks]
        self._users = [0] * len(plan.tasks)
        kept = [self._index[each.source] for each in plan.outputs.values() if each.source in self._index]
        for source in (*(each for sources in self._sources for each in sources), *kept):
            self._users[source] += 1

    def any(self, task: int) -> bool:
        """Whether anybody may still use the task's output."""
        return self._users[task] > 0

    def end(self, task: int) -> Iterator[int]:
        """The task uses nothing any more; yields the tasks whose output now nobody uses."""
        for source in self._sources[task]:
            self._users[source] -= 1
            if not self._users[source]:
                yield source

    def _used_by(self, task: Task) -> set[int]:
        names = {binding.reference.source for request in task.tool_requests for binding in request.bindings}
        if task.for_each is not None:
            names.add(task.for_each.items.source)
        if task.when is not None:
            names |= {chain[1] for chain in mentions(task.when) if chain[0] == "tasks" and len(chain) > 1}
        return {self._index[name] for name in names if name in self._index}
