"""The order of a plan: which task comes before which.

Tasks are numbers here (their index in the plan), and a set of tasks is the bits of one integer: the ancestors of
thousands of tasks are a union a line. Of tasks that share an id the first is meant; dependencies on unknown tasks and
on the task itself are no edges, so a graph can be drawn of any plan.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from awe.domain.plan.model import Plan


@dataclass(frozen=True)
class Graph:
    """The dependency graph; everything about order is meaningful only where there is no `cycle`."""

    index: dict[str, int]
    predecessors: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        index: dict[str, int] = {}
        for number, task in enumerate(plan.tasks):
            index.setdefault(task.id, number)
        return cls(
            index=index,
            predecessors=tuple(
                tuple(
                    {
                        index[name]: None
                        for name in task.predecessors
                        if name in index and index[name] != number
                    }
                )
                for number, task in enumerate(plan.tasks)
            ),
        )

    @cached_property
    def successors(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.predecessors]
        for task, before in enumerate(self.predecessors):
            for predecessor in before:
                found[predecessor].append(task)
        return tuple(map(tuple, found))

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The tasks, each after its predecessors; those on a cycle or behind one are left out."""
        missing = [len(before) for before in self.predecessors]
        order = [task for task, count in enumerate(missing) if not count]
        for task in order:
            for successor in self.successors[task]:
                missing[successor] -= 1
                if not missing[successor]:
                    order.append(successor)
        return tuple(order)

    @cached_property
    def cycle(self) -> tuple[int, ...]:
        """One cycle, each task a predecessor of the next and the last of the first; empty when there is none."""
        stuck = set(range(len(self.predecessors))).difference(self.order)
        if not stuck:
            return ()
        trail: dict[int, None] = {}
        task = min(stuck)
        while task not in trail:
            trail[task] = None
            task = next(before for before in self.predecessors[task] if before in stuck)
        backwards = list(trail)
        cycle = backwards[backwards.index(task) :][::-1]
        start = cycle.index(min(cycle))
        return (*cycle[start:], *cycle[:start])

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """For each task the length of the longest chain of tasks before it."""
        levels = [0] * len(self.predecessors)
        for task in self.order:
            levels[task] = 1 + max((levels[before] for before in self.predecessors[task]), default=-1)
        return tuple(levels)

    @cached_property
    def ancestors(self) -> tuple[int, ...]:
        """For each task the set of all tasks before it, as the bits of an integer."""
        ancestors = [0] * len(self.predecessors)
        for task in self.order:
            for before in self.predecessors[task]:
                ancestors[task] |= ancestors[before] | 1 << before
        return tuple(ancestors)

    def comes_before(self, earlier: int, later: int) -> bool:
        """Whether the order demands that `earlier` ends before `later` begins."""
        return bool(self.ancestors[later] >> earlier & 1)

    def implied(self, task: int) -> int:
        """The set of predecessors of the task that come before another of its predecessors."""
        beyond = 0
        for before in self.predecessors[task]:
            beyond |= self.ancestors[before]
        return beyond
