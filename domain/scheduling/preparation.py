"""What becomes of a task whose turn has come: its work with every binding resolved, or the reason why it has none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.identifiers import RunId
from awe.domain.plan.bindings import INPUTS
from awe.domain.plan.mentions import mentions
from awe.domain.plan.model import Plan, Task
from awe.domain.scheduling.frontier import Candidate, Frontier
from awe.domain.scheduling.outputs import (
    BlobsNeeded,
    Output,
    SourceMissing,
    ValueMissing,
    filled,
    referenced,
)
from awe.domain.scheduling.uses import Uses
from awe.domain.task.work import Control, Request, Work


class Begin(NamedTuple):
    """The task may be made ready with this work."""

    work: Work


class Skip(NamedTuple):
    """The task is not needed."""

    reason: str


class GiveUp(NamedTuple):
    """The task can never begin."""

    failure: FailureClass
    cause: str


class Judge(NamedTuple):
    """The task's condition must be judged first, with these values."""

    source: str
    values: Mapping[str, Json]


class Listed(NamedTuple):
    """The items of the task are known now; they are candidates themselves."""

    items: int


Prepared = Begin | Skip | GiveUp | Judge | Listed


@dataclass(slots=True)
class Subject:
    """What a run's tasks can bind to, beside each other's outputs."""

    run: RunId
    goal: str
    inputs: dict[str, Json]
    contracts: Mapping[str, str]
    deadline_ms: int | None = None


@dataclass
class Preparation:
    """Prepares the tasks of one plan."""

    subject: Subject
    frontier: Frontier
    outputs: dict[int, Output] = field(default_factory=dict[int, Output])
    loaded: dict[str, Json] = field(default_factory=dict[str, Json])
    """Values of blobs that were read, by digest."""
    verdicts: dict[int, bool] = field(default_factory=dict[int, bool])
    """Conditions that were judged."""

    @property
    def plan(self) -> Plan:
        return self.frontier.plan

    def ended(self, candidate: Candidate, output: Output | None) -> None:
        """Take an end from the log; values that nobody binds to any more are forgotten."""
        task = candidate.task
        if not self.frontier.end(candidate, output):
            return
        if output is not None and task not in self.frontier.fans and self._uses.any(task):
            self.outputs[task] = output
        self._release(task)

    def prepare(self, candidate: Candidate, *, since_ms: int, control: Control) -> Prepared:
        """What becomes of a candidate now; the task's own deadline counts from `since_ms`, when it was first ready.

        Raises:
            BlobsNeeded: read these first.
        """
        task = self.plan.tasks[candidate.task]
        try:
            if candidate.item is None and task.when is not None:
                verdict = self.verdicts.get(candidate.task)
                if verdict is None:
                    return Judge(task.when, self._condition_values(task.when))
                if not verdict:
                    return Skip("its condition is false")
            if task.for_each is not None and candidate.item is None:
                return self._listed(candidate.task, task)
            return Begin(self._work(candidate, task, since_ms, control))
        except SourceMissing as missing:
            return Skip(str(missing))
        except ValueMissing as missing:
            return GiveUp(FailureClass.INVALID_INPUT, str(missing))

    def run_outputs(self) -> dict[str, Json] | str:
        """The outputs of the run, or what is wrong with them; raises `BlobsNeeded`."""
        found: dict[str, Json] = {}
        for name, reference in self.plan.outputs.items():
            try:
                found[name] = referenced(reference, self._lookup)
            except (SourceMissing, ValueMissing) as missing:
                return f"output '{name}' has no value: {missing}"
        return found

    def _work(self, candidate: Candidate, task: Task, since_ms: int, control: Control) -> Work:
        items = self.frontier.fans[candidate.task].items if candidate.item is not None else None
        item: tuple[Json, ...] = () if items is None or candidate.item is None else (items[candidate.item],)
        recipe = self.frontier.blueprint.recipe(candidate.task)
        requests = [
            Request(
                call.tool,
                self.subject.contracts[call.pin],
                filled(call.arguments, call.bindings, self._lookup, *item),
                call.earlier,
            )
            for call in recipe.calls
        ]
        own = None if task.deadline_ms is None else since_ms + task.deadline_ms
        deadlines = [each for each in (self.subject.deadline_ms, own) if each is not None]
        return Work(
            tuple(requests),
            recipe.checks,
            task.output_schema,
            self._seen(candidate, task, recipe.mentioned),
            min(deadlines, default=None),
            control,
        )

    def _listed(self, index: int, task: Task) -> Prepared:
        assert task.for_each is not None  # noqa: S101 (the caller looked)
        items = referenced(task.for_each.items, self._lookup)
        if not isinstance(items, list):
            return GiveUp(FailureClass.INVALID_INPUT, "what it is done for each of is no array")
        most = task.for_each.max_items
        if most is not None and len(items) > most:
            return GiveUp(
                FailureClass.INVALID_INPUT, f"{len(items)} items are more than its max_items {most}"
            )
        self.frontier.list_items(index, items)
        if not items:
            self._release(index)
        return Listed(len(items))

    def _seen(self, candidate: Candidate, task: Task, wanted: frozenset[str]) -> dict[str, Json] | None:
        seen: dict[str, Json] = {}
        if "inputs" in wanted:
            seen["inputs"] = self.subject.inputs
        if "run" in wanted:
            seen["run"] = self._run_values
        if "task" in wanted:
            seen["task"] = {"id": task.id, "title": task.title, "item": candidate.item}
        return seen or None

    @cached_property
    def _uses(self) -> Uses:
        return Uses(self.frontier.blueprint)

    @cached_property
    def _run_values(self) -> dict[str, Json]:
        return {"id": self.subject.run, "goal": self.subject.goal}

    def _condition_values(self, source: str) -> dict[str, Json]:
        tasks: dict[str, Json] = {}
        for chain in mentions(source):
            if chain[0] == "tasks" and len(chain) > 1 and chain[1] in self.frontier.graph.index:
                try:
                    tasks[chain[1]] = self._lookup(chain[1])
                except SourceMissing:
                    continue
        return {"inputs": self.subject.inputs, "run": self._run_values, "tasks": tasks}

    def _lookup(self, source: str) -> Json:
        if source == INPUTS:
            return self.subject.inputs
        index = self.frontier.graph.index[source]
        fan = self.frontier.fans.get(index)
        if fan is not None and fan.items is not None and index in self.frontier.ended_tasks:
            return self._values(fan.in_order())
        output = self.outputs.get(index)
        if output is None:
            raise SourceMissing(f"'{source}' left no output")
        return output.value if output.blob is None else self._values([output])[0]

    def _values(self, outputs: list[Output]) -> list[Json]:
        needed = frozenset(
            each.blob for each in outputs if each.blob is not None and each.blob not in self.loaded
        )
        if needed:
            raise BlobsNeeded(frozenset(needed))
        return [each.value if each.blob is None else self.loaded[each.blob] for each in outputs]

    def _release(self, task: int) -> None:
        for source in self._uses.end(task):
            self._forget(source)

    def _forget(self, index: int) -> None:
        gone = self.outputs.pop(index, None)
        outputs = [gone] if gone is not None else []
        fan = self.frontier.fans.get(index)
        if fan is not None:
            outputs += fan.outputs.values()
            fan.outputs.clear()
        for output in outputs:
            if output.blob is not None:
                self.loaded.pop(output.blob, None)
