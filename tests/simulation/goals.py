"""Goals and their plans, as the dice want them: chains, fan-in, `for_each`, conditions, what may fail, deadlines."""

import random
from dataclasses import dataclass
from typing import Any

from awe.domain.events import Json
from awe.domain.plan.model import Plan

_TOOLS = ("look", "look", "put", "set", "once")


@dataclass(frozen=True, slots=True)
class Goal:
    """What is submitted at `at_s`, and cancelled at `cancel_s` if at all."""

    name: str
    plan: Plan | None
    inputs: dict[str, Json]
    at_s: float
    cancel_s: float | None
    deadline_ms: int | None
    queue: str | None
    priority: int | None


def goal(dice: random.Random, name: str, storm_s: float, *, careful: bool) -> Goal:
    """`careful`: nothing is asked for that must not be repeated."""
    at_s = dice.uniform(0, storm_s * 0.8)
    tools = [each for each in _TOOLS if not (careful and each == "once")]
    return Goal(
        name,
        None if dice.random() < 0.03 else _plan(dice, name, tools),
        {"flag": dice.random() < 0.5, "n": dice.randint(0, 9), "items": list(range(dice.randint(0, 6)))},
        at_s,
        at_s + dice.uniform(0, 20) if dice.random() < 0.25 else None,
        int(dice.uniform(3_000, 60_000)) if dice.random() < 0.2 else None,
        "special" if dice.random() < 0.2 else None,
        dice.choice((None, None, 1, -1)),
    )


def _plan(dice: random.Random, name: str, tools: list[str]) -> Plan:
    tasks: list[dict[str, Any]] = []
    for number in range(dice.randint(1, 7)):
        tasks.append(_task(dice, f"t{number}", tasks, tools))
    ends = {
        each["id"]: {"$from": each["id"]} | ({"default": None} if dice.random() < 0.8 else {})
        for each in tasks
        if dice.random() < 0.5
    }
    return Plan.model_validate({"name": name, "tasks": tasks, "outputs": ends})


def _task(dice: random.Random, name: str, before: list[dict[str, Any]], tools: list[str]) -> dict[str, Any]:
    sources = dice.sample(before, min(len(before), dice.choice((0, 1, 1, 1, 2, 3))))
    task: dict[str, Any] = {"id": name, "deps": [each["id"] for each in sources]}
    single = [each["id"] for each in sources if "for_each" not in each]
    if dice.random() < 0.25:
        items = {"$from": dice.choice(single)} if single and dice.random() < 0.7 else {"$from": "inputs"}
        task["for_each"] = {"items": {**items, "path": "/items"}, "max_items": dice.choice((10, 10, 10, 3))}
    if dice.random() < 0.2:
        task["when"] = f"tasks.{dice.choice(single)}.n > 3" if single else "inputs.flag"
    requests = dice.choice((1, 1, 1, 2, 3))
    task["tool_requests"] = [
        {"tool": dice.choice(tools), "arguments": _arguments(dice, sources, index, each="for_each" in task)}
        for index in range(requests)
    ]
    if dice.random() < 0.35:
        task["on_failure"] = "continue"
    if dice.random() < 0.1:
        task["deadline_ms"] = dice.randint(500, 20_000)
    if dice.random() < 0.15:
        task["acceptance_criteria"] = [{"id": "good", "source": f"output.n < {dice.choice((8, 10, 10))}"}]
    if dice.random() < 0.1:
        task["output_schema"] = {"type": "object", "required": ["n"]}
    return task


def _arguments(
    dice: random.Random, sources: list[dict[str, Any]], index: int, *, each: bool
) -> dict[str, Any]:
    arguments: dict[str, Any] = {"input": {"$from": "inputs", "path": "/n"}, "said": dice.randint(0, 99)}
    for source in sources if index == 0 else ():
        path = "" if "for_each" in source else dice.choice(("", "/n", "/items/0"))
        reference: dict[str, Any] = {"$from": source["id"], "path": path}
        if path == "/items/0" or dice.random() < 0.5:
            reference["default"] = 7
        arguments[source["id"]] = reference
    if index:
        arguments["earlier"] = {"$from": f"requests/{dice.randrange(index)}", "path": "/n"}
    if each:
        arguments["item"] = {"$from": "item"}
    return arguments
