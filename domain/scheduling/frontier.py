"""Which tasks of a plan may begin: counters of unfinished predecessors, folded from what began and what ended.

Each end costs as much as the task has successors, whatever the size of the plan. A task that may begin is *open* until
it has begun; a `for_each` task is open until all its items have.
"""

from collections import deque
from typing import NamedTuple

from awe.domain.events import Json
from awe.domain.plan.model import Plan
from awe.domain.scheduling.blueprint import Blueprint
from awe.domain.scheduling.outputs import Output
from awe.domain.scheduling.waves import Fan


class Candidate(NamedTuple):
    """A task, by its place in the plan, that may begin, or one item of it; a `for_each` task without one is listed."""

    task: int
    item: int | None = None


class Frontier:
    """The front of a plan as it moves; positions are indices into the plan's tasks."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.blueprint = Blueprint.of(plan)
        self.graph = self.blueprint.graph
        self._missing = [len(before) for before in self.graph.predecessors]
        self._open = deque(task for task, count in enumerate(self._missing) if not count)
        self._begun: set[int] = set()
        self.ended_tasks: set[int] = set()
        self.fans = {index: Fan() for index in self.blueprint.fans}

    @property
    def any_open(self) -> bool:
        """Whether there is something to take, or was; `take` sorts out what has begun or ended meanwhile."""
        return bool(self._open)

    @property
    def finished(self) -> bool:
        return len(self.ended_tasks) == len(self._missing)

    def is_open(self, task: int) -> bool:
        """Whether the task's predecessors have ended and it has not."""
        return not self._missing[task] and task not in self.ended_tasks

    def is_known(self, candidate: Candidate) -> bool:
        """Whether all that the candidate binds to is known here: after a restart, lists of items are made anew."""
        task, item = candidate
        return self.is_open(task) and (item is None or self.fans[task].items is not None)

    def take(self, most_unfinished: int) -> Candidate | None:
        """Take the next that may begin; it counts as begun until it is withdrawn. None: nothing may, for now."""
        for _ in range(len(self._open)):
            task = self._open.popleft()
            fan = self.fans.get(task)
            if task in self.ended_tasks or (fan is None and task in self._begun):
                continue
            if fan is None:
                self._begun.add(task)
                return Candidate(task)
            if fan.items is None:
                return Candidate(task)
            item = fan.next_item(most_unfinished)
            if item is not None:
                fan.begin(item)
                self._open.append(task)
                return Candidate(task, item)
            if len(fan.begun) < len(fan.items):
                self._open.append(task)
        return None

    def withdraw(self, candidate: Candidate) -> None:
        """What was taken has not begun after all, and may be taken again."""
        task, item = candidate
        if item is not None:
            self.fans[task].withdraw(item)
        self._begun.discard(task)
        if self.is_open(task) and task not in self._open:
            self._open.appendleft(task)

    def begin(self, candidate: Candidate) -> None:
        """The log says that it has begun."""
        task, item = candidate
        if item is None:
            self._begun.add(task)
        elif task in self.fans:
            self.fans[task].begin(item)

    def list_items(self, task: int, items: list[Json]) -> None:
        """The items of a `for_each` task are known; without any it has ended."""
        fan = self.fans[task]
        fan.items = items
        if fan.complete:
            self._end(task)
        else:
            self._open.append(task)

    def end(self, candidate: Candidate, output: Output | None) -> bool:
        """The log says that it has ended; returns whether a task of the plan ended with it, as a whole."""
        task, item = candidate
        if task in self.ended_tasks:
            return False
        if item is not None and task in self.fans:
            fan = self.fans[task]
            fan.end(item, output)
            if not fan.complete:
                return False
        self._end(task)
        return True

    def _end(self, task: int) -> None:
        self.ended_tasks.add(task)
        for successor in self.graph.successors[task]:
            self._missing[successor] -= 1
            if not self._missing[successor]:
                self._open.append(successor)
