"""What every view of a plan's graph says: levels, links, and what is special about a task, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from awe.domain.plan.bindings import Reference
from awe.domain.plan.canonical import digest
from awe.domain.plan.graph import Graph
from awe.domain.plan.model import Plan, Task


@dataclass(frozen=True, slots=True)
class Link:
    """One dependency, by the indices of its tasks; `bound` are the places in the source's output that are read."""

    source: int
    target: int
    order_only: bool
    bound: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """The graph must have no cycle."""

    plan: Plan
    graph: Graph

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(plan, Graph.of(plan))

    @cached_property
    def levels(self) -> tuple[tuple[int, ...], ...]:
        """The tasks of each level in the plan's order; a task stands one level after its latest predecessor."""
        levels: list[list[int]] = [[] for _ in range(max(self.graph.levels) + 1)]
        for task, level in enumerate(self.graph.levels):
            levels[level].append(task)
        return tuple(map(tuple, levels))

    @cached_property
    def links(self) -> tuple[Link, ...]:
        tasks = self.plan.tasks
        return tuple(
            Link(
                source,
                target,
                tasks[source].id not in tasks[target].deps,
                _bound(tasks[source].id, tasks[target]),
            )
            for target, before in enumerate(self.graph.predecessors)
            for source in before
        )

    @cached_property
    def results(self) -> dict[str, tuple[str, ...]]:
        """The outputs of the plan, by the id of the task that they come from."""
        results: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for name, reference in self.plan.outputs.items():
            if reference.task is not None:
                results[reference.task] += (name,)
        return dict(results)

    @property
    def missing(self) -> Iterator[tuple[str, str]]:
        """Each task's id with the id of a predecessor that the plan does not have."""
        for task in self.plan.tasks:
            yield from ((task.id, name) for name in task.predecessors if name not in self.graph.index)

    def headline(self) -> str:
        tasks, levels = len(self.plan.tasks), len(self.levels)
        counted = f"{tasks} task{'s' * (tasks != 1)} in {levels} level{'s' * (levels != 1)}"
        return f"{self.plan.name}, version {self.plan.version}: {counted}"

    def document(self) -> dict[str, Any]:
        tasks = self.plan.tasks
        return {
            "name": self.plan.name,
            "goal": self.plan.goal,
            "version": self.plan.version,
            "digest": digest(self.plan),
            "levels": [[tasks[task].id for task in level] for level in self.levels],
            "tasks": [
                {
                    "id": task.id,
                    "title": task.title,
                    "level": level,
                    "tools": tools(task),
                    "when": task.when,
                    "for_each": task.for_each
                    and task.for_each.model_dump(mode="json", by_alias=True, exclude_unset=True),
                    "on_failure": task.on_failure,
                    "outputs": self.results.get(task.id, ()),
                }
                for task, level in zip(tasks, self.graph.levels, strict=True)
            ],
            "links": [
                {
                    "from": tasks[link.source].id,
                    "to": tasks[link.target].id,
                    "order_only": link.order_only,
                    "bound": link.bound,
                }
                for link in self.links
            ],
        }


def tools(task: Task) -> list[str]:
    return [
        call.tool if call.version is None else f"{call.tool}@{call.version}" for call in task.tool_requests
    ]


def each(task: Task) -> str:
    """What the task is repeated for, in words; empty for a task that is done once."""
    if task.for_each is None:
        return ""
    most = task.for_each.max_items
    return f"for each of {task.for_each.items.source}{task.for_each.items.path}" + (
        f", at most {most}" if most else ""
    )


def continues(task: Task) -> str:
    return "run goes on if it fails" if task.on_failure == "continue" else ""


def _bound(source: str, task: Task) -> tuple[str, ...]:
    read: list[Reference] = [binding.reference for call in task.tool_requests for binding in call.bindings]
    if task.for_each is not None:
        read.append(task.for_each.items)
    return tuple(dict.fromkeys(reference.path or "/" for reference in read if reference.source == source))
