"""Tools that run in processes of their own: loaded by the path of this file, like somebody's tools.py."""

import asyncio
import ctypes
import os
import subprocess
import sys
import time
from contextlib import suppress

from awe import ArtifactRef, ToolContext, ToolError, tool

calls: list[int] = []


@tool(name="pid", effect="read", heavy=True)
def pid(said: str = "") -> dict[str, int]:
    calls.append(1)
    print(said)  # noqa: T201 (where it goes is tested)
    return {"pid": os.getpid(), "calls": len(calls)}


@tool(name="async.pid", effect="read", heavy=True)
async def async_pid() -> int:
    await asyncio.sleep(0)
    return os.getpid()


@tool(name="hang", effect="read", heavy=True)
def hang(context: ToolContext) -> None:
    """Starts a program and waits for it, telling their numbers."""
    program = subprocess.Popen(["sleep", "1000"])
    (context.workspace / "pids").write_text(f"{os.getpid()} {program.pid}")
    program.wait()


@tool(name="crash", effect="read", heavy=True)
def crash(how: str) -> None:
    if how == "memory":
        ctypes.string_at(0)
    os._exit(7)


@tool(name="meddle", effect="read", heavy=True)
def meddle() -> None:
    """Writes to whatever is open, as a library gone wrong may."""
    for descriptor in range(3, 1024):
        with suppress(OSError):
            os.write(descriptor, b"?" * 8)
    time.sleep(60)


@tool(name="fail", effect="read", heavy=True)
def fail(how: str) -> float:
    if how == "exit":
        sys.exit(4)
    if how == "chosen":
        raise ToolError("log in", failure="auth", sent=False)
    if how == "plain":
        raise ValueError("went wrong")
    return float("nan") if how == "nan" else how  # type: ignore[return-value]  # a breach


@tool(name="large", effect="read", heavy=True, output_cap_bytes=1000)
def large() -> str:
    return "x" * 1_000_000


@tool(name="files", effect="read", heavy=True)
async def files(context: ToolContext, name: str) -> ArtifactRef:
    ref = context.artifact(name, b"content" * 100_000)
    assert await context.fetch_artifact(ref["sha256"]) == context.read_artifact(ref["sha256"])
    (context.workspace / "note").write_text(context.idempotency_key)
    assert 0 < context.remaining_s < 30
    return ref


@tool(name="missing", effect="read", heavy=True)
def missing(context: ToolContext) -> str:
    return context.read_artifact("0" * 64).decode()


@tool(name="settings", effect="read", heavy=True)
def settings() -> list[str]:
    return sorted(os.environ)


@tool(name="interrupted", effect="read", heavy=True)
def interrupted() -> bool:
    """Whether the worker's modules that cost much are here."""
    time.sleep(0)
    return "redis" in sys.modules or "psycopg" in sys.modules
