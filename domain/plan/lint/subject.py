"""What the rules look at: a plan, what the linter was handed, and what follows from both, worked out once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from pydantic import JsonValue

from awe.domain.contracts import ToolContract
from awe.domain.expressions import Expressions
from awe.domain.plan.bindings import INPUTS, ITEM, Reference
from awe.domain.plan.graph import Graph
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.lint.limits import Limits
from awe.domain.plan.mentions import mentions
from awe.domain.plan.model import Plan, Task
from awe.domain.plan.pointer import join, tokens_of
from awe.domain.plan.shapes.fit import Comparison
from awe.domain.plan.shapes.paths import Paths, elements
from awe.domain.plan.shapes.view import Shape, array_of, shape_of
from awe.domain.schemas import Schema, Schemas, Violation

_MOST_COMPARISONS = 100_000


class Used(NamedTuple):
    """A reference in the plan, and where: in which task, in which tool request (`None`: in its `for_each`), and there."""

    task: int
    request: int | None
    at: tuple[str | int, ...]
    reference: Reference

    @property
    def place(self) -> str:
        """The pointer to the reference."""
        if self.request is None:
            return join("tasks", self.task, "for_each", "items")
        return join("tasks", self.task, "tool_requests", self.request, "arguments", *self.at)


class Read(NamedTuple):
    """A task's use of another task's output: by a reference, or in its condition (`None`)."""

    task: int
    name: str
    used: Used | None

    @property
    def place(self) -> str:
        """The pointer to what names the other task."""
        return join("tasks", self.task, "when") if self.used is None else f"{self.used.place}/$from"


class Edge(NamedTuple):
    """A dependency as written: where it stands, on which task, and whether it is marked as order only."""

    place: str
    name: str
    ordering: bool


@dataclass(frozen=True)
class Structure:
    """What can be said of a plan alone."""

    plan: Plan

    @cached_property
    def graph(self) -> Graph:
        return Graph.of(self.plan)

    @cached_property
    def edges(self) -> tuple[tuple[Edge, ...], ...]:
        """For each task its dependencies in document order, whether or not such tasks exist."""
        return tuple(
            tuple(
                Edge(f"/tasks/{number}/{key}/{index}", name, key == "order_only")
                for key, names in (("deps", task.deps), ("order_only", task.order_only))
                for index, name in enumerate(names)
            )
            for number, task in enumerate(self.plan.tasks)
        )

    @cached_property
    def references(self) -> tuple[Used, ...]:
        """Every reference in every task, in document order but for a task's `for_each`, which comes first."""
        return tuple(
            used for number, task in enumerate(self.plan.tasks) for used in _references(number, task)
        )

    @cached_property
    def reads(self) -> tuple[tuple[Read, ...], ...]:
        """For each task the outputs of tasks that it uses."""
        reads = [
            [Read(number, chain[1], None) for chain in mentions(task.when or "") if is_task(chain)]
            for number, task in enumerate(self.plan.tasks)
        ]
        for used in self.references:
            if (name := used.reference.task) is not None:
                reads[used.task].append(Read(used.task, name, used))
        return tuple(map(tuple, reads))


def is_task(chain: tuple[str, ...]) -> bool:
    """Whether a chain of names in a condition mentions the output of a task."""
    return chain[0] == "tasks" and len(chain) > 1


def _references(number: int, task: Task) -> Iterator[Used]:
    if task.for_each is not None:
        yield Used(number, None, (), task.for_each.items)
    for index, request in enumerate(task.tool_requests):
        for at, reference in request.bindings:
            yield Used(number, index, at, reference)


@dataclass(frozen=True)
class Subject(Structure):
    """What can be said of a plan when contracts, expressions and schemas can be asked."""

    catalogue: Catalogue | None
    expressions: Expressions
    schemas: Schemas
    limits: Limits

    @cached_property
    def comparison(self) -> Comparison:
        return Comparison(_MOST_COMPARISONS)

    @cached_property
    def paths(self) -> Paths:
        return Paths()

    @cached_property
    def contracts(self) -> tuple[tuple[ToolContract | None, ...], ...]:
        """For each task the contract of each of its tool requests, where it is known and its schemas are usable."""
        usable = cache(self._contract)
        return tuple(
            tuple(usable(request.tool, request.version) for request in task.tool_requests)
            for task in self.plan.tasks
        )

    def _contract(self, tool: str, version: str | None) -> ToolContract | None:
        contract = self.catalogue.find(tool, version) if self.catalogue is not None else None
        return None if contract is None or any(self.contract_faults(contract)) else contract

    def contract_faults(self, contract: ToolContract) -> tuple[str, ...]:
        """What makes the schemas of a contract unusable."""
        return tuple(
            f"{name} {fault}"
            for name, schema in (
                ("input_schema", contract.input_schema),
                ("output_schema", contract.output_schema),
            )
            for fault in self.schemas.check_schema(schema)
        )

    @cached_property
    def _violations(self) -> dict[tuple[str, str], tuple[Violation, ...]]:
        return {}

    def violations(self, contract: ToolContract, arguments: JsonValue) -> tuple[Violation, ...]:
        """How arguments violate a contract's input schema; equal arguments, as many bound ones are, are checked once."""
        key = (contract.digest, json.dumps(arguments))
        if key not in self._violations:
            self._violations[key] = self.schemas.validate(arguments, contract.input_schema)
        return self._violations[key]

    @cached_property
    def inputs(self) -> Shape | None:
        return self._usable(self.plan.inputs)

    @cached_property
    def results(self) -> tuple[Shape | None, ...]:
        """For each task the shape of its output, of one item's in a `for_each` task; `None` where nobody promises any."""
        return tuple(
            self._result(task, contracts[-1])
            for task, contracts in zip(self.plan.tasks, self.contracts, strict=True)
        )

    def _result(self, task: Task, contract: ToolContract | None) -> Shape | None:
        promised = None if contract is None else shape_of(contract.output_schema)
        narrowed = self._usable(task.output_schema)
        return promised if narrowed is None else (promised or ()) + narrowed

    @cached_property
    def outputs(self) -> tuple[Shape | None, ...]:
        """For each task the shape of what others can bind to."""
        return tuple(
            array_of(result) if task.for_each is not None and result is not None else result
            for task, result in zip(self.plan.tasks, self.results, strict=True)
        )

    @cached_property
    def items(self) -> tuple[Shape | None, ...]:
        """For each `for_each` task the shape of one item."""
        return tuple(
            None if task.for_each is None else self._item(number, task.for_each.items)
            for number, task in enumerate(self.plan.tasks)
        )

    def _item(self, number: int, items: Reference) -> Shape | None:
        source = None if items.source == ITEM else self.source(number, items)
        return None if source is None else elements(self.paths.follow(source, tokens_of(items.path)).shape)

    def source(self, number: int, reference: Reference) -> Shape | None:
        """The shape of what a reference in the task names, before its path; `None` where nobody promises any."""
        if reference.source == INPUTS:
            return self.inputs
        if reference.source == ITEM:
            return self.items[number]
        if (request := reference.request) is not None:
            contract = next(iter(self.contracts[number][request : request + 1]), None)
            return None if contract is None else shape_of(contract.output_schema)
        producer = self.graph.index.get(reference.source)
        return None if producer is None else self.outputs[producer]

    def _usable(self, schema: Schema | None) -> Shape | None:
        return None if schema is None or self.schemas.check_schema(schema) else shape_of(schema)
