"""Plan documents of the shapes. Every dependency carries data, and every task says what a good result is."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.engine.noop import CONTRACT

PlanDocument = dict[str, Any]

SEED = {"$from": "inputs", "path": "/seed"}
INPUTS = {"seed": 1}
"""The inputs of every shape."""

PARENTS = 3
"""How many tasks of the layer before a task of a layered plan binds to."""

_GOOD = {"id": "good", "source": "output.total >= output.step"}


def chain(length: int) -> PlanDocument:
    """One task after the other."""
    tasks = [_task(f"s{step}", step, [f"s{step - 1}"] if step else []) for step in range(length)]
    return _plan(f"chain-{length}", tasks, [f"s{length - 1}"])


def fan_out(width: int) -> PlanDocument:
    """One task, then many at once, then one that waits for all."""
    middle = [f"m{number}" for number in range(width)]
    tasks = [
        _task("open", 0, []),
        *(_task(name, 1, ["open"]) for name in middle),
        _task("close", 2, middle),
    ]
    return _plan(f"fan-out-{width}", tasks, ["close"])


def fan_out_of_items(width: int) -> PlanDocument:
    """The same, the many being the items of one `for_each` task: for more than a plan may have tasks."""
    each = _task("each", 1, [])
    request = each["tool_requests"][0]
    request["arguments"]["before"] = [{"$from": "item"}]
    each |= {"deps": ["open"], "for_each": {"items": _of("open", "/items"), "max_items": width}}
    close = _task("close", 2, [])
    close["deps"] = ["each"]
    close["tool_requests"][0]["arguments"]["before"] = [_of("each", f"/{width - 1}/total")]
    return _plan(f"fan-out-of-items-{width}", [_task("open", 0, [], items=width), each, close], ["close"])


def layered(layers: int, width: int) -> PlanDocument:
    """Layers of equal width; each task binds to three neighbours of the layer before."""
    tasks = [
        _task(
            f"l{layer}_{slot}",
            layer,
            [f"l{layer - 1}_{(slot + step) % width}" for step in range(min(PARENTS, width))] if layer else [],
        )
        for layer in range(layers)
        for slot in range(width)
    ]
    return _plan(f"layered-{layers}-by-{width}", tasks, [f"l{layers - 1}_{slot}" for slot in range(width)])


def _task(name: str, step: int, before: Sequence[str], **more: int) -> dict[str, Any]:
    values = [_of(each, "/total") for each in before] or [SEED]
    arguments = {"step": step, "before": values, **more}
    return {
        "id": name,
        "deps": list(before),
        "tool_requests": [{"tool": CONTRACT.name, "version": CONTRACT.version, "arguments": arguments}],
        "acceptance_criteria": [_GOOD],
    }


def _of(source: str, path: str) -> dict[str, str]:
    return {"$from": source, "path": path}


def _plan(name: str, tasks: Sequence[dict[str, Any]], ends: Iterable[str]) -> PlanDocument:
    return {
        "name": name,
        "goal": "show what the engine costs",
        "inputs": {
            "type": "object",
            "properties": {"seed": {"type": "integer"}},
            "required": ["seed"],
            "additionalProperties": False,
        },
        "tasks": list(tasks),
        "outputs": {end: _of(end, "/total") for end in ends},
    }
