"""P009, P031, P035: every dependency carries data or says that it does not, once, and none that is needed is missing.

These are the rules with fixes. Each fix takes the plan nearer to where none is left: P031 adds an edge that carries
data, P035 marks one that carries none, P009 removes one that neither carries data nor orders anything; none of them
undoes another. Taken together they make no cycle, since all edges that are added agree with one order of the tasks.
"""

from collections.abc import Iterator
from functools import partial

from awe.domain.plan.graph import Graph
from awe.domain.plan.lint.findings import Code, Finding, Fix, Operation
from awe.domain.plan.lint.subject import Structure
from awe.domain.plan.pointer import join


def edges(structure: Structure) -> Iterator[Finding]:
    """All three rules; nothing to say about a plan with a cycle, where no order can be told."""
    if structure.graph.cycle:
        return
    for number in range(len(structure.plan.tasks)):
        yield from _superfluous(structure, number)
    yield from _missing(structure)


def _superfluous(structure: Structure, number: int) -> Iterator[Finding]:
    """P009 and P035."""
    graph, task = structure.graph, structure.plan.tasks[number]
    used = {read.name for read in structure.reads[number]}
    implied = graph.implied(number)
    kept: set[str] = set()
    declared = structure.edges[number]
    for place, name, ordering in sorted(declared, key=lambda edge: edge.ordering != (edge.name not in used)):
        before = graph.index.get(name, number)
        if before == number:
            continue
        if name in kept:
            yield _redundant(place, f"'{name}' is already a dependency of '{task.id}'")
        elif name not in used and implied >> before & 1:
            yield _redundant(place, f"'{name}' comes before another dependency of '{task.id}'")
        elif name not in used and not ordering:
            yield _only_orders(number, place, name, task.id)
        kept.add(name)


def _redundant(place: str, message: str) -> Finding:
    fix = Fix(title="remove the dependency", operations=(Operation(op="remove", path=place),))
    return Finding.of(Code.P009, place, message, "Remove the dependency; the order stays the same.", fix=fix)


def _only_orders(number: int, place: str, name: str, task: str) -> Finding:
    message = f"'{task}' depends on '{name}' but uses nothing of its output"
    hint = f"Bind to it, or name it in `order_only` instead of `deps` if '{task}' just has to wait."
    add = Operation(op="add", path=join("tasks", number, "order_only", "-"), value=name)
    fix = Fix(title="mark the dependency as order only", operations=(Operation(op="remove", path=place), add))
    return Finding.of(Code.P035, place, message, hint, fix=fix)


def _missing(structure: Structure) -> Iterator[Finding]:
    """P031."""
    graph = structure.graph
    wanted = [
        (number, read, graph.index[read.name])
        for number, reads in enumerate(structure.reads)
        for read in reads
        if read.name in graph.index and not graph.comes_before(graph.index[read.name], number)
    ]
    if not wanted:
        return
    possible = [
        (before, after)
        for after, _, before in wanted
        if before != after and not graph.comes_before(after, before)
    ]
    rank = _one_order(graph, possible)
    for number, read, producer in wanted:
        yield _unordered(structure, number, read.place, read.name, fixable=rank[producer] < rank[number])


def _unordered(structure: Structure, number: int, place: str, name: str, *, fixable: bool) -> Finding:
    task = structure.plan.tasks[number].id
    say = partial(Finding.of, Code.P031, place)
    if name == task:
        return say(
            f"'{task}' binds to its own output", "Bind to an earlier tool request of it: `requests/0`."
        )
    if structure.graph.comes_before(number, structure.graph.index[name]):
        return say(f"'{task}' binds to '{name}', which comes after it", "Turn the order of the two around.")
    message = f"'{task}' binds to '{name}', which it does not wait for"
    add = Operation(op="add", path=join("tasks", number, "deps", "-"), value=name)
    fix = Fix(title="add the dependency", operations=(add,)) if fixable else None
    return say(message, f"Add '{name}' to `deps`.", fix=fix)


def _one_order(graph: Graph, more: list[tuple[int, int]]) -> dict[int, int]:
    """An order of all tasks that obeys the graph, and the further edges too if they make no cycle."""
    wider: list[tuple[int, ...]] = list(graph.predecessors)
    for before, task in more:
        wider[task] = (*wider[task], before)
    joint = Graph(graph.index, tuple(wider))
    return {task: rank for rank, task in enumerate(graph.order if joint.cycle else joint.order)}
