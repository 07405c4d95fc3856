"""The time of a call: what it may take, what becomes of a tool that takes more, and of a caller who goes."""

import asyncio
import threading
import time
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest

from awe.adapters.tools import inline, threaded
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.decorator import tool
from awe.adapters.tools.registry import Registry
from awe.commands.tools import Success
from awe.domain.failures import FailureClass
from support.waiting import until
from support.workbench import Serve, Workbench

ended: list[str] = []
begun: list[str] = []
gate = threading.Event()


@pytest.fixture(autouse=True)
def _open_gate() -> Iterator[None]:
    ended.clear()
    begun.clear()
    gate.clear()
    yield
    gate.set()  # whatever still waits ends with the test
    for thread in threading.enumerate():
        if thread.name == "awe-tool":
            thread.join(30)
            assert not thread.is_alive()


@tool(name="async.wait", effect="read")
async def async_wait() -> None:
    begun.append("async")
    try:
        await asyncio.sleep(60)
    finally:
        ended.append("async")


@tool(name="async.stubborn", effect="read")
async def async_stubborn() -> None:
    while not gate.is_set():
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            ended.append("asked")


@tool(name="sync.wait", effect="read")
def sync_wait() -> None:
    begun.append("sync")
    gate.wait()
    ended.append("sync")


@tool(name="sync.store", effect="read")
def sync_store(context: ToolContext) -> None:
    gate.wait()
    try:
        context.artifact("late", b"late")
    except TimeoutError:
        ended.append("refused")


@tool(name="sync.quick", effect="read")
def sync_quick() -> int:
    return 1


@tool(name="async.quick", effect="read")
async def async_quick() -> int:
    return 1


EVERYTHING = (async_wait, async_stubborn, sync_wait, sync_store, sync_quick, async_quick)


async def lose(tools: Workbench, count: int) -> None:
    """Let that many calls go that have begun, and do not end."""
    calls = [asyncio.create_task(tools.call("sync.wait")) for _ in range(count)]
    await until(lambda: len(begun) == count)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    assert tools.tools.leaked == count


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_i21_a_call_is_over_at_its_limit(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    begin = time.monotonic()
    failure, message, sent = await tools.failure(f"{kind}.wait", limit_s=0.3)
    assert 0.2 < time.monotonic() - begin < 5
    assert (failure, message, sent) == (FailureClass.TIMEOUT, "no answer within 0.3 s", True)


async def test_an_async_tool_is_cancelled_at_the_limit(serve: Serve) -> None:
    tools = await serve(*EVERYTHING)
    await tools.failure("async.wait", limit_s=0.3)
    assert ended == ["async"]
    assert tools.tools.leaked == 0


async def test_an_async_tool_that_does_not_end_is_abandoned_and_counted(serve: Serve) -> None:
    tools = await serve(*EVERYTHING)
    assert (await tools.failure("async.stubborn", limit_s=0.3))[0] is FailureClass.TIMEOUT
    assert tools.tools.leaked == 1
    gate.set()
    await until(lambda: tools.tools.leaked == 0)


async def test_what_is_abandoned_is_asked_to_end_once_more(workbench: Workbench) -> None:
    async with workbench.serving(Registry.of([async_stubborn])) as tools:
        await workbench.failure("async.stubborn", limit_s=0.3)
        asked = len(ended)
        gate.set()
    assert len(ended) > asked
    assert tools.leaked == 0


async def test_a_thread_that_does_not_end_is_abandoned_and_counted(serve: Serve) -> None:
    tools = await serve(*EVERYTHING, threads=2)
    await lose(tools, 1)
    assert await asyncio.gather(*(tools.output("sync.quick") for _ in range(4))) == [1, 1, 1, 1]
    gate.set()
    await until(lambda: tools.tools.leaked == 0)


async def test_no_call_is_taken_when_as_many_threads_are_lost_as_there_are_slots(serve: Serve) -> None:
    tools = await serve(*EVERYTHING, threads=2)
    await lose(tools, 2)
    failure, message, sent = await tools.failure("sync.quick")
    assert (failure, sent) == (FailureClass.INTERNAL, False)
    assert "restart the worker" in message
    gate.set()
    await until(lambda: tools.tools.leaked == 0)
    assert await tools.output("sync.quick") == 1


async def test_i21_a_call_that_waited_its_time_away_is_never_sent(serve: Serve) -> None:
    tools = await serve(*EVERYTHING, threads=1)
    waiting = asyncio.create_task(tools.call("sync.wait"))
    await until(lambda: begun == ["sync"])
    failure, message, sent = await tools.failure("sync.quick", limit_s=0.05)
    assert (failure, sent) == (FailureClass.TRANSPORT, False)
    assert "before it could begin" in message
    gate.set()
    assert await waiting == Success(None)


@pytest.mark.parametrize("name", ["sync.quick", "async.quick"])
async def test_i21_no_time_left_is_never_sent(serve: Serve, name: str) -> None:
    tools = await serve(*EVERYTHING)
    failure, _, sent = await tools.failure(name, limit_s=0.0)
    assert (failure, sent) == (FailureClass.TRANSPORT, False)


@pytest.mark.parametrize(("name", "where"), [("sync.quick", threaded), ("async.quick", inline)])
async def test_i21_the_limit_is_checked_right_before_the_call(
    serve: Serve, name: str, where: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process was stopped after the runner had looked at its clock."""
    tools = await serve(*EVERYTHING)
    monkeypatch.setattr(where, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 10))
    failure, _, sent = await tools.failure(name, limit_s=9.0)
    assert (failure, sent) == (FailureClass.TRANSPORT, False)


async def test_a_file_of_an_abandoned_thread_is_refused(serve: Serve) -> None:
    tools = await serve(*EVERYTHING)
    await tools.failure("sync.store", limit_s=0.3)
    gate.set()
    await until(lambda: ended == ["refused"])


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_caller_who_is_cancelled_is_an_exception(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    caller = asyncio.create_task(tools.call(f"{kind}.wait"))
    await until(lambda: begun == [kind])
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert tools.tools.leaked == (kind == "sync")
    gate.set()
    await until(lambda: ended == [kind])


async def test_calls_of_one_tool_run_side_by_side(serve: Serve) -> None:
    tools = await serve(*EVERYTHING, threads=3)
    calls = [asyncio.create_task(tools.call("sync.wait")) for _ in range(3)]
    await until(lambda: len(begun) == 3)
    assert not any(call.done() for call in calls)
    gate.set()
    assert await asyncio.gather(*calls) == [Success(None)] * 3
