"""Valid plans by the hundred: seeded, with dependencies, bindings, `for_each`, conditions, and criteria."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

INPUTS = {
    "type": "object",
    "properties": {
        "repo": {"type": "string"},
        "limit": {"type": "integer"},
        "titles": {"type": "array", "items": {"type": "string"}},
        "careful": {"type": "boolean"},
    },
    "required": ["repo", "limit", "titles", "careful"],
    "additionalProperties": False,
}

TAKES = {
    "list_commits": {"repo": "string"},
    "summarize": {"text": "string", "max_words": "integer"},
    "count_words": {"texts": "strings"},
    "compare": {"left": "integer", "right": "integer"},
    "publish": {"title": "string", "body": "string"},
}
GIVES = {
    "list_commits": {"/commits/0/sha": "string", "/commits/0/message": "string", "/total": "integer"},
    "summarize": {"/summary": "string", "/words": "integer"},
    "count_words": {"/total": "integer"},
    "compare": {},
    "publish": {"/id": "string"},
}
CRITERIA = {
    "list_commits": "size(output.commits) > 0 && output.total >= 0",
    "summarize": "output.summary != '' && output.words <= 200",
    "count_words": "output.total >= output.mean",
    "compare": "output.greater || output.difference <= 0",
    "publish": "output.id.startsWith('p') && has(task.id)",
}
LITERALS = {"string": "some text", "integer": 7, "strings": ["one", "two"]}


@dataclass
class Growing:
    """A plan on its way, with the places that later tasks may bind to: (source, path) by type."""

    dice: random.Random
    tasks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    before: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    used: set[str] = field(default_factory=set[str])
    places: dict[str, list[tuple[str, str]]] = field(
        default_factory=lambda: {
            "string": [("inputs", "/repo")],
            "integer": [("inputs", "/limit")],
            "strings": [("inputs", "/titles")],
            "commits": [],
        }
    )

    def add(self, name: str) -> None:
        tool = self.dice.choice(list(TAKES))
        each = self._each() if tool in {"summarize", "publish"} else None
        arguments: dict[str, Any] = {}
        needed: set[str] = set() if each is None else {each[0]}
        for argument, kind in TAKES[tool].items():
            arguments[argument] = self._argument(kind, needed, in_each=each is not None)
        when = self._condition(needed)
        task: dict[str, Any] = {"id": name, "tool_requests": [{"tool": tool, "arguments": arguments}]}
        task |= {"deps": sorted(needed), "order_only": self._order_only(needed)}
        task["acceptance_criteria"] = [{"id": "good", "source": CRITERIA[tool]}]
        if each is not None:
            task["for_each"] = {"items": {"$from": each[0], "path": each[1]}, "max_items": 8}
        if when is not None:
            task["when"] = when
        self._remember(task, tool)

    def _each(self) -> tuple[str, str] | None:
        commits = self.places["commits"]
        return self.dice.choice(commits) if commits and self.dice.random() < 0.4 else None

    def _argument(self, kind: str, needed: set[str], *, in_each: bool) -> Any:
        if in_each and kind == "string" and self.dice.random() < 0.7:
            return {"$from": "item", "path": "/message"}
        if self.dice.random() < 0.3:
            return LITERALS[kind]
        source, path = self.dice.choice(self.places[kind])
        if source != "inputs":
            needed.add(source)
        return {"$from": source, "path": path}

    def _condition(self, needed: set[str]) -> str | None:
        if self.dice.random() < 0.7:
            return None
        source, path = self.dice.choice(self.places["integer"])
        if source == "inputs" or path.startswith("/0/"):
            return "inputs.careful && inputs.limit > 3"
        needed.add(source)
        return f"tasks.{source}{path.replace('/', '.')} > 3 || inputs.careful"

    def _order_only(self, needed: set[str]) -> list[str]:
        known = set(needed).union(*(self.before[name] for name in needed))
        free = [task["id"] for task in self.tasks if not known & ({task["id"]} | self._behind(task["id"]))]
        free = [name for name in free if name not in known]
        return [self.dice.choice(free)] if free and self.dice.random() < 0.3 else []

    def _behind(self, name: str) -> set[str]:
        return {later for later, before in self.before.items() if name in before}

    def _remember(self, task: dict[str, Any], tool: str) -> None:
        name, direct = task["id"], {*task["deps"], *task["order_only"]}
        self.before[name] = direct.union(*(self.before[other] for other in direct))
        self.used |= direct
        many = "/0" if "for_each" in task else ""
        for path, kind in GIVES[tool].items():
            self.places[kind].append((name, many + path))
        if tool == "list_commits":
            self.places["commits"].append((name, "/commits"))
        self.tasks.append(task)


def plan(seed: int, size: int | None = None) -> dict[str, Any]:
    """The plan of a seed; nothing in it is wrong."""
    dice = random.Random(seed)
    growing = Growing(dice)
    for number in range(size if size is not None else dice.randint(1, 25)):
        growing.add(f"t{number}")
    ends = [task["id"] for task in growing.tasks if task["id"] not in growing.used]
    return {
        "name": f"plan-{seed}",
        "goal": "whatever the dice want",
        "inputs": INPUTS,
        "tasks": growing.tasks,
        "outputs": {name: {"$from": name} for name in ends},
    }


def layered(layers: int, width: int) -> dict[str, Any]:
    """A large plan: each task binds to three tasks of the layer before it, and has a criterion of its own."""
    tasks = list(_layered(layers, width))
    return {
        "name": "layered",
        "inputs": INPUTS,
        "tasks": tasks,
        "outputs": {f"o{slot}": {"$from": f"l{layers - 1}_{slot}"} for slot in range(width)},
    }


def _layered(layers: int, width: int) -> Iterator[dict[str, Any]]:
    for layer in range(layers):
        for slot in range(width):
            sources = [f"l{layer - 1}_{(slot + step) % width}" for step in range(3)] if layer else []
            text = (
                {"$from": sources[0], "path": "/summary"} if sources else {"$from": "inputs", "path": "/repo"}
            )
            words = {"$from": sources[1], "path": "/words"} if sources else 5
            yield {
                "id": f"l{layer}_{slot}",
                "deps": sources[:2],
                "order_only": sources[2:],
                "tool_requests": [{"tool": "summarize", "arguments": {"text": text, "max_words": words}}],
                "acceptance_criteria": [
                    {
                        "id": "good",
                        "source": f"output.words <= {200 + layer * width + slot} && output.summary != ''",
                    }
                ],
            }
