"""What follows from a plan alone: made once for all runs of one plan, and no longer kept than they are."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from awe.domain.events import Json
from awe.domain.plan.bindings import Binding, Place
from awe.domain.plan.graph import Graph
from awe.domain.plan.mentions import mentions
from awe.domain.plan.model import Plan, Task
from awe.domain.plan.pins import pin_key
from awe.domain.task.work import Check


class Call(NamedTuple):
    """A request of a task: its tool and what that is called among the pins, its arguments and what fills them.

    `earlier` are the places of its bindings to earlier requests of the same task, which only the worker can fill.
    """

    tool: str
    pin: str
    arguments: dict[str, Json]
    bindings: tuple[Binding, ...]
    earlier: tuple[Place, ...]


class Recipe(NamedTuple):
    """What a task's work is made from: `mentioned` are the variables that its criteria mention."""

    calls: tuple[Call, ...]
    checks: tuple[Check, ...]
    mentioned: frozenset[str]


class Blueprint:
    """One plan, by the places of its tasks."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.graph = Graph.of(plan)
        self._recipes: dict[int, Recipe] = {}

    @classmethod
    def of(cls, plan: Plan) -> "Blueprint":
        """The one of this very object, which it keeps alive: so its id means it for as long as this is kept."""
        return _KNOWN.get(id(plan)) or _KNOWN.setdefault(id(plan), cls(plan))

    def recipe(self, index: int) -> Recipe:
        """How the work of the task at this place is made."""
        known = self._recipes.get(index)
        return known or self._recipes.setdefault(index, _recipe(self.plan.tasks[index]))

    @cached_property
    def sources(self) -> tuple[frozenset[int], ...]:
        """For each task those whose outputs it uses."""
        return tuple([self._places(_used_by(task)) for task in self.plan.tasks])

    @cached_property
    def users(self) -> tuple[int, ...]:
        """For each task by how many its output is used; the run's own outputs are one more each."""
        counts = [0] * len(self.plan.tasks)
        for sources in self.sources:
            for source in sources:
                counts[source] += 1
        for output in self.plan.outputs.values():
            if output.source in self.graph.index:
                counts[self.graph.index[output.source]] += 1
        return tuple(counts)

    @cached_property
    def fans(self) -> tuple[int, ...]:
        """The places of the tasks that are done for each item of a list."""
        return tuple([index for index, task in enumerate(self.plan.tasks) if task.for_each is not None])

    def _places(self, names: Iterator[str]) -> frozenset[int]:
        return frozenset([self.graph.index[name] for name in names if name in self.graph.index])


_KNOWN: Final[WeakValueDictionary[int, Blueprint]] = WeakValueDictionary()


def _recipe(task: Task) -> Recipe:
    return Recipe(
        tuple(
            [
                Call(
                    request.tool,
                    pin_key(request.tool, request.version),
                    request.arguments,
                    request.bindings,
                    tuple([at for at, reference in request.bindings if reference.request is not None]),
                )
                for request in task.tool_requests
            ]
        ),
        tuple([Check(criterion.id, criterion.source) for criterion in task.acceptance_criteria]),
        frozenset([chain[0] for each in task.acceptance_criteria for chain in mentions(each.source)]),
    )


def _used_by(task: Task) -> Iterator[str]:
    for request in task.tool_requests:
        for binding in request.bindings:
            yield binding.reference.source
    if task.for_each is not None:
        yield task.for_each.items.source
    if task.when is not None:
        yield from [chain[1] for chain in mentions(task.when) if chain[0] == "tasks" and len(chain) > 1]
