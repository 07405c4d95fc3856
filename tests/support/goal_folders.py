"""Folders with a goal, a plan and tools of its own, as a user writes them."""

import json
from pathlib import Path
from typing import Any, Final

TOOLS: Final = '''\
"""Tools of a goal."""

import time
from pathlib import Path

from typing_extensions import TypedDict

from awe import ToolContext, ToolError, tool


class Counted(TypedDict):
    words: int


class Made(TypedDict):
    sha256: str


class Done(TypedDict):
    done: bool


@tool(name="my.count", effect="read")
def count(text: str) -> Counted:
    print("counting")
    return {"words": len(text.split())}


@tool(name="my.report", effect="read")
def report(words: int, context: ToolContext) -> Made:
    made = context.artifact("report", f"words: {words}\\n".encode(), "text/plain")
    return {"sha256": made["sha256"]}


@tool(name="my.wait", effect="read", timeout_s=100)
def wait(until: str) -> Done:
    while not Path(until).exists():
        time.sleep(0.01)
    return {"done": True}


@tool(name="my.refuse", effect="read")
def refuse(why: str) -> Done:
    raise ToolError(why)


@tool(name="my.send", effect="write", idempotency="none", timeout_s=0.2)
async def send(to: str) -> Done:
    import asyncio

    await asyncio.sleep(100)
    return {"done": True}
'''


def task(name: str, tool: str, **arguments: Any) -> dict[str, Any]:
    return {
        "id": name,
        "tool_requests": [{"tool": tool, "arguments": arguments}],
        "acceptance_criteria": [{"id": "there", "source": "size(output) > 0"}],
    }


COUNTING: Final = {
    "name": "counting",
    "inputs": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "tasks": [
        task("count", "my.count", text={"$from": "inputs", "path": "/text"}),
        {"deps": ["count"]} | task("report", "my.report", words={"$from": "count", "path": "/words"}),
    ],
    "outputs": {
        "words": {"$from": "count", "path": "/words"},
        "report": {"$from": "report", "path": "/sha256"},
    },
}


def one_task(tool: str, **arguments: Any) -> dict[str, Any]:
    """A plan of one task, `only`, whose output is the run's."""
    return {
        "name": "single",
        "tasks": [task("only", tool, **arguments)],
        "outputs": {"only": {"$from": "only"}},
    }


def goal_folder(folder: Path, plan: dict[str, Any], **goal: Any) -> Path:
    """Write it and return it."""
    folder.mkdir()
    (folder / "goal.yaml").write_text(json.dumps({"goal": "count the words", **goal}), encoding="utf-8")
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (folder / "tools.py").write_text(TOOLS, encoding="utf-8")
    return folder
