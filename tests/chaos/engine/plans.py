"""Plans of twenty tasks by the hundred: chains, a fan-out over items, a fan-in, and a tail; by seed."""

import random
from typing import Any

TASKS = 20
TOOLS = ("chaos.read", "chaos.put", "chaos.add")
LONGEST_MS = 300

Json = dict[str, Any]


def plan(rng: random.Random, name: str) -> Json:
    """Make a plan whose tasks come to `TASKS`, each item of the fan-out counted as one."""
    items = rng.randint(3, 6)
    tail = rng.randint(1, 3)
    start = _task(rng, "start", tool="chaos.read")
    start["tool_requests"][0]["arguments"]["items"] = items
    each = _task(rng, "each", after=[{"$from": "item"}])
    each["deps"] = ["start"]
    each["for_each"] = {"items": {"$from": "start", "path": "/items"}, "max_items": 8}
    tasks, ends = [start, each], [""] * rng.randint(2, 4)
    for number in range(TASKS - 2 - items - tail):
        chain = number % len(ends)
        before = ends[chain] or rng.choice(("", "start"))
        ends[chain] = f"c{chain}_{number}"
        tasks.append(_task(rng, ends[chain], before))
    join = _task(rng, "join", *ends)
    join["deps"].append("each")
    join["tool_requests"][0]["arguments"]["after"].append({"$from": "each"})
    tasks.append(join)
    for number in range(tail):
        tasks.append(_task(rng, f"tail{number}", tasks[-1]["id"]))
    last = tasks[-1]["id"]
    return {"name": name, "tasks": tasks, "outputs": {"last": {"$from": last, "path": "/value"}}}


def _task(
    rng: random.Random, name: str, *deps: str, tool: str | None = None, after: list[Json] | None = None
) -> Json:
    named = [dep for dep in deps if dep]
    values = [{"$from": dep, "path": "/value"} for dep in named] if after is None else after
    arguments = {"after": values, "ms": rng.randint(0, LONGEST_MS)}
    request = {"tool": tool or rng.choice(TOOLS), "arguments": arguments}
    return {
        "id": name,
        "deps": named,
        "tool_requests": [request],
        "acceptance_criteria": [{"id": "told", "source": "output.value != ''"}],
    }
