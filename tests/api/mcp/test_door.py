"""What the tools tell of runs: the documents of the log, out of the read models; and nothing that may be old."""

from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any, Final

import pytest
import pytest_asyncio
from mcp.server.mcpserver.exceptions import ToolError

from awe.api.goals.preparing import Asked
from awe.api.mcp.results import RunLine, RunShown
from awe.api.mcp.server import Door
from awe.api.reading.documents import run_document
from awe.api.reading.run_views import load
from awe.domain.artifacts import Artifact
from awe.domain.run.events import RunSucceeded
from awe.domain.run.state import RunStatus
from awe.domain.task.events import OperationSucceeded, TaskSucceeded
from support.reading_room import ReadingRoom, reading_room, run_id
from support.run_entries import goal, planned
from support.server_process import ValkeyProcess
from support.task_events import claimed, ready, started

RUN: Final = run_id(1)
FILES: Final = tuple(
    Artifact(name=name, media_type="text/plain", bytes=3, sha256="e" * 64) for name in ("z.txt", "a.txt")
)
DONE: Final = OperationSucceeded(attempt=1, index=0, generation=1, output="made", artifacts=FILES)


@pytest_asyncio.fixture
async def room(own_valkey: ValkeyProcess, postgres_database: str) -> AsyncGenerator[ReadingRoom]:
    async with reading_room(own_valkey.url, postgres_database, "awe.00") as opened:
        yield opened


@pytest.fixture
def door(room: ReadingRoom) -> Door:
    kit: Any = SimpleNamespace(blobs=room.blobs)
    nothing_begins: Any = None
    return Door(nothing_begins, kit, Asked("ana"), room.sources)


async def ended(room: ReadingRoom) -> None:
    told = [
        ("a", each) for each in (ready(), claimed(), started(), DONE, TaskSucceeded(attempt=1, output="x"))
    ]
    await room.happen(RUN, *planned({"id": "a"}), *told, ("run", RunSucceeded(outputs={"x": 1})))


async def test_the_read_models_tell_what_the_log_would(
    room: ReadingRoom, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ended(room)
    await room.happen(run_id(2), ("run", goal("another")))
    await room.project()
    whole = run_document(await load(room.tiers.log, RUN, room.blobs))
    log: Any = type(room.tiers.log)

    async def unread(*_: Any) -> None:
        raise AssertionError("the log was read")

    monkeypatch.setattr(log, "history", unread)
    monkeypatch.setattr(log, "read", unread)
    assert await door.show_run(RUN) == RunShown.model_validate(whole)
    assert await door.show_run(RUN, wait_s=5) == RunShown.model_validate(whole)
    assert [each.run for each in (await door.list_runs()).runs] == [run_id(2), RUN]
    (line,) = (await door.list_runs([RunStatus.SUCCEEDED, RunStatus.SUCCEEDED])).runs
    assert line == RunLine.model_validate(whole)


async def test_what_the_read_models_lack_is_told(room: ReadingRoom, door: Door) -> None:
    await room.happen(RUN, *planned({"id": "a"}))
    await room.project()
    await room.happen(RUN, ("a", ready()))
    shown = await door.show_run(RUN, wait_s=0.05)
    assert (shown.status, [task.task for task in shown.tasks]) == ("running", ["a"])
    await room.happen(run_id(2), ("run", goal("a new one")))
    assert [each.run for each in (await door.list_runs(limit=1)).runs] == [run_id(2)]


async def test_what_may_be_old_is_no_result(room: ReadingRoom, door: Door) -> None:
    await ended(room)
    await room.project()
    await room.tiers.redis("DEL", *await room.tiers.redis("KEYS", f"{{{room.partition}}}*"))
    for ask in (door.show_run(RUN), door.list_runs()):
        with pytest.raises(ToolError, match="log_unavailable"):
            await ask


async def test_there_is_no_such_run(room: ReadingRoom, door: Door) -> None:
    del room
    for none in (run_id(7), "r-77-" + "0" * 26):
        with pytest.raises(ToolError, match="There is no run"):
            await door.show_run(none)
