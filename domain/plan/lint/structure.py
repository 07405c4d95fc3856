"""P001-P008: the graph itself. But for the orphans, these rules need the plan and nothing else."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator

from awe.domain.contracts import Effect
from awe.domain.plan.lint.findings import Code, Finding
from awe.domain.plan.lint.limits import Limits
from awe.domain.plan.lint.subject import Structure, Subject
from awe.domain.plan.pointer import join


def too_many(structure: Structure, limits: Limits) -> Iterator[Finding]:
    """P007 for the number of tasks, which bounds the work of all other rules."""
    count = len(structure.plan.tasks)
    if count > limits.max_tasks:
        message = f"{count:,} tasks; the limit is {limits.max_tasks:,}"
        yield Finding.of(Code.P007, "/tasks", message, "Use `for_each`, or split the goal into several runs.")


def duplicates(structure: Structure) -> Iterator[Finding]:
    """P001."""
    yield from _again(Code.P001, "tasks", (task.id for task in structure.plan.tasks))
    for number, task in enumerate(structure.plan.tasks):
        ids = (criterion.id for criterion in task.acceptance_criteria)
        yield from _again(Code.P001, f"tasks/{number}/acceptance_criteria", ids)


def _again(code: Code, place: str, ids: Iterable[str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, name in enumerate(ids):
        if first.setdefault(name, index) != index:
            message = f"'{name}' is also the id of /{place}/{first[name]}"
            yield Finding.of(
                code, f"/{place}/{index}/id", message, "Give each its own id, and mend what refers to it."
            )


def dependencies(structure: Structure) -> Iterator[Finding]:
    """P002 and P003."""
    known = structure.graph.index
    for number, task in enumerate(structure.plan.tasks):
        for place, name in ((place, name) for place, name, _ in structure.edges[number]):
            if name == task.id:
                yield Finding.of(
                    Code.P003, place, f"task '{name}' depends on itself", "Remove the dependency."
                )
            elif name not in known:
                yield Finding.of(Code.P002, place, f"no task '{name}'", meant(name, known))


def meant(name: str, known: Iterable[str]) -> str:
    """A hint that names what was probably meant."""
    close = difflib.get_close_matches(name, list(known), 3)
    return (
        f"Did you mean {' or '.join(f'{other!r}' for other in close)}?" if close else "Name one that exists."
    )


def cycles(structure: Structure) -> Iterator[Finding]:
    """P004, for one cycle: mending it may mend others, or show them."""
    if cycle := structure.graph.cycle:
        names = [structure.plan.tasks[number].id for number in (*cycle, cycle[0])]
        hint = "Remove one of these dependencies."
        yield Finding.of(Code.P004, join("tasks", cycle[0]), f"cycle: {' -> '.join(names)}", hint)


def extent(structure: Structure, limits: Limits) -> Iterator[Finding]:
    """P007 for depth and width."""
    levels = structure.graph.levels
    depth, (widest, width) = max(levels) + 1, Counter(levels).most_common(1)[0]
    if depth > limits.max_depth:
        message = f"{depth:,} tasks in a chain; the limit is {limits.max_depth:,}"
        yield Finding.of(
            Code.P007, "/tasks", message, "Put tool requests that follow each other into one task."
        )
    if width > limits.max_width:
        message = f"{width:,} tasks side by side (level {widest}); the limit is {limits.max_width:,}"
        yield Finding.of(Code.P007, "/tasks", message, "Use `for_each` for what is done many times.")


def fan_out(structure: Structure, limits: Limits) -> Iterator[Finding]:
    """P008."""
    for number, task in enumerate(structure.plan.tasks):
        if task.for_each is None:
            continue
        most = task.for_each.max_items
        if most is None:
            message = "`for_each` without `max_items` may start any number of calls"
            hint = f"Add `max_items`, at most {limits.max_items:,}."
            yield Finding.of(Code.P008, join("tasks", number, "for_each"), message, hint)
        elif most > limits.max_items:
            message = f"`max_items` of {most:,} is beyond the limit of {limits.max_items:,}"
            hint = "Lower it, or split the goal into several runs."
            yield Finding.of(Code.P008, join("tasks", number, "for_each", "max_items"), message, hint)


def orphans(subject: Subject) -> Iterator[Finding]:
    """P005; a task that may change the world is its own purpose, and so is one whose tools are not known."""
    wanted = {reference.source for reference in subject.plan.outputs.values()}
    wanted.update(read.name for reads in subject.reads for read in reads)
    for number, task in enumerate(subject.plan.tasks):
        reads = all(
            contract is not None and contract.effect is Effect.READ for contract in subject.contracts[number]
        )
        if reads and task.id not in wanted and not subject.graph.successors[number]:
            message = f"'{task.id}' only reads, and nobody uses what it finds"
            yield Finding.of(
                Code.P005, join("tasks", number), message, "Bind to its output, return it, or remove it."
            )


def outputs(structure: Structure) -> Iterator[Finding]:
    """P006."""
    for name, reference in structure.plan.outputs.items():
        if reference.source not in structure.graph.index:
            message = f"no task produces the output '{name}': there is no task '{reference.source}'"
            hint = meant(reference.source, structure.graph.index)
            yield Finding.of(Code.P006, join("outputs", name, "$from"), message, hint)
