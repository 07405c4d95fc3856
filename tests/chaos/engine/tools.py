"""The tools of the chaos: one reads, one reads for long, one may be repeated with its key, one must never be.

Each leaves a trace of every call, and of every effect, in the folder that `CHAOS_FOLDER` names. Half of a call's time
passes before its effect and half after, so a process may die on either side of it.
"""

import asyncio
import json
import os
import time
from pathlib import Path
from uuid import uuid4

from pydantic import JsonValue
from typing_extensions import TypedDict

from awe import ToolContext, tool

FOLDER = "CHAOS_FOLDER"
CALLS, FILES, LINES = "calls", "files", "lines"
LIMIT_S = 5.0


class Seen(TypedDict):
    """`value` is of the first call only: whoever repeats one gets it again."""

    value: str
    items: list[int]


@tool(name="chaos.read", effect="read", timeout_s=LIMIT_S)
async def read(call: ToolContext, after: list[JsonValue], ms: int, items: int = 0) -> Seen:
    """Look, and count up to `items`."""
    _append(CALLS, f"read {call.run} {call.task}")
    await asyncio.sleep(ms / 1000)
    return Seen(value=f"{len(after)} seen", items=list(range(items)))


@tool(name="chaos.stare", effect="read", timeout_s=60)
async def stare(call: ToolContext, after: list[JsonValue], ms: int) -> Seen:
    """Look for longer than others do."""
    _append(CALLS, f"stare {call.run} {call.task}")
    await asyncio.sleep(ms / 1000)
    return Seen(value=f"{len(after)} seen", items=[])


@tool(name="chaos.put", effect="write", idempotency="key", timeout_s=LIMIT_S)
def put(call: ToolContext, after: list[JsonValue], ms: int, items: int = 0) -> Seen:
    """Make a file named by the key; a second call finds the first one's."""
    del after
    _append(CALLS, f"put {call.run} {call.task}")
    time.sleep(ms / 2000)
    file = _folder() / FILES / call.idempotency_key
    made = file.with_name(f"{file.name}.{uuid4().hex}")
    with made.open("xb") as written:
        written.write(json.dumps({"run": call.run, "task": call.task, "value": uuid4().hex}).encode())
    try:
        os.link(made, file)  # as with O_EXCL, but whole or not at all
    except FileExistsError:
        pass
    finally:
        made.unlink()
    time.sleep(ms / 2000)
    return Seen(value=json.loads(file.read_bytes())["value"], items=list(range(items)))


@tool(name="chaos.add", effect="write", idempotency="none", timeout_s=LIMIT_S)
async def add(call: ToolContext, after: list[JsonValue], ms: int, items: int = 0) -> Seen:
    """Add a line that says which operation this is."""
    del after
    _append(CALLS, f"add {call.run} {call.task}")
    await asyncio.sleep(ms / 2000)
    _append(LINES, f"{call.run} {call.task}")
    await asyncio.sleep(ms / 2000)
    return Seen(value=uuid4().hex, items=list(range(items)))


def _append(name: str, line: str) -> None:
    """Add a line in one step, whoever else does."""
    file = os.open(_folder() / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


def _folder() -> Path:
    return Path(os.environ[FOLDER])
