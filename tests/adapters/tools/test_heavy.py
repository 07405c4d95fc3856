"""What holds of tools in processes of their own, beyond what holds of every tool."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from awe.adapters.tools import children
from awe.adapters.tools.decorator import tool
from awe.adapters.tools.registry import Registry
from awe.commands.tools import Success
from awe.domain.failures import FailureClass
from support.waiting import until
from support.workbench import OPERATION, Serve, Workbench

FILE = Path(__file__).with_name("heavy_tools.py")


def gone(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


async def pids_of_hanging(tools: Workbench) -> tuple[int, int]:
    told = tools.workspaces.folder(OPERATION.run) / "pids"
    await until(lambda: told.exists() and len(told.read_text().split()) == 2)
    process, program = map(int, told.read_text().split())
    return process, program


async def test_a_heavy_tool_runs_in_a_process_that_stays_warm(serve: Serve) -> None:
    tools = await serve(file=FILE)
    first = await tools.output("pid")
    assert first["pid"] != os.getpid()
    assert await tools.output("pid") == {"pid": first["pid"], "calls": 2}
    assert await tools.output("async.pid") == first["pid"]
    assert await tools.output("interrupted") is False


async def test_several_run_at_once_and_no_more_than_there_is_room_for(serve: Serve) -> None:
    tools = await serve(file=FILE, children=2)
    results = await asyncio.gather(*(tools.output("pid") for _ in range(6)))
    assert len({result["pid"] for result in results}) == 2
    begin = asyncio.gather(*(tools.call("hang", limit_s=1.0) for _ in range(2)))
    await asyncio.sleep(0.01)
    failure, message, sent = await tools.failure("pid", limit_s=0.1)
    assert (failure, sent) == (FailureClass.TRANSPORT, False)
    assert "before it could begin" in message
    await begin


async def test_i21_a_heavy_tool_is_killed_at_its_limit_with_what_it_started(serve: Serve) -> None:
    tools = await serve(file=FILE)
    await tools.output("pid")  # a warm process: the limit is the tool's alone
    begin = time.monotonic()
    failing = asyncio.create_task(tools.failure("hang", limit_s=1.5))
    process, program = await pids_of_hanging(tools)
    failure, message, sent = await failing
    assert 1.0 < time.monotonic() - begin < 10
    assert (failure, message, sent) == (FailureClass.TIMEOUT, "no answer within 1.5 s", True)
    assert gone(process)
    await until(lambda: gone(program))
    assert (await tools.output("pid"))["pid"] != process


async def test_i21_the_start_of_a_process_counts_within_the_limit(serve: Serve) -> None:
    tools = await serve(file=FILE)
    failure, _, sent = await tools.failure("pid", limit_s=0.01)
    assert (failure, sent) == (FailureClass.TRANSPORT, False)


async def test_a_caller_who_is_cancelled_ends_the_process(serve: Serve) -> None:
    tools = await serve(file=FILE)
    caller = asyncio.create_task(tools.call("hang"))
    process, program = await pids_of_hanging(tools)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert gone(process)
    await until(lambda: gone(program))


@pytest.mark.parametrize(
    ("how", "ended"), [("memory", "was killed by signal 11"), ("exit", "ended with status 7")]
)
async def test_a_crash_is_the_way_to_the_tool_that_broke(serve: Serve, how: str, ended: str) -> None:
    tools = await serve(file=FILE)
    assert await tools.failure("crash", how=how) == (
        FailureClass.TRANSPORT,
        f"there is no answer: its process {ended}",
        True,
    )
    assert (await tools.output("pid"))["calls"] == 1


async def test_a_process_that_answers_nonsense_is_ended(serve: Serve) -> None:
    tools = await serve(file=FILE)
    failure, message, sent = await tools.failure("meddle")
    assert (failure, sent) == (FailureClass.TRANSPORT, True)
    assert message == "there is no answer: its process did not answer as it should"
    assert tools.tools.child_pids == ()


async def test_what_a_crashed_tool_started_is_ended_too(serve: Serve) -> None:
    tools = await serve(file=FILE)
    failing = asyncio.create_task(tools.failure("hang"))
    process, program = await pids_of_hanging(tools)
    os.kill(process, signal.SIGSEGV)
    assert (await failing)[0] is FailureClass.TRANSPORT
    await until(lambda: gone(program))


async def test_a_process_that_cannot_be_spoken_with_is_ended(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(**_given: Any) -> None:
        raise ConnectionError(111, "Connection refused")

    tools = await serve(file=FILE)
    before = psutil.Process().children()
    monkeypatch.setattr(asyncio, "open_unix_connection", refused)
    failure, message, sent = await tools.failure("pid")
    assert (failure, sent) == (FailureClass.TRANSPORT, False)
    assert "could not be spoken with" in message
    assert psutil.Process().children() == before


@pytest.mark.parametrize(
    ("how", "failure", "says", "sent"),
    [
        ("exit", FailureClass.TOOL_ERROR, "SystemExit: 4", True),
        ("chosen", FailureClass.AUTH, "log in", False),
        ("plain", FailureClass.TOOL_ERROR, "ValueError: went wrong", True),
        ("nan", FailureClass.CONTRACT_OUTPUT, "output is no JSON: ", True),
        ("wrong", FailureClass.CONTRACT_OUTPUT, "output /: type: ", True),
    ],
)
async def test_a_failure_leaves_the_process_warm(
    serve: Serve,
    how: str,
    failure: FailureClass,
    says: str,
    sent: bool,  # noqa: FBT001 (a fact)
) -> None:
    tools = await serve(file=FILE)
    before = await tools.output("pid")
    found, message, was_sent = await tools.failure("fail", how=how)
    assert (found, was_sent) == (failure, sent)
    assert message.startswith(says)
    assert await tools.output("pid") == {"pid": before["pid"], "calls": 2}


async def test_the_rules_of_arguments_and_output_are_held_too(serve: Serve) -> None:
    tools = await serve(file=FILE)
    failure, _, sent = await tools.failure("pid", said=1)
    assert (failure, sent) == (FailureClass.INVALID_INPUT, False)
    assert tools.tools.child_pids == ()
    assert (await tools.failure("large"))[0] is FailureClass.OUTPUT_TOO_LARGE


async def test_i08_files_go_to_the_store_of_the_worker(serve: Serve) -> None:
    tools = await serve(file=FILE)
    done = await tools.call("files", name="a.md")
    assert isinstance(done, Success), done
    (artifact,) = done.artifacts
    assert artifact.model_dump() == done.output
    assert await tools.blobs.get(artifact.sha256) == b"content" * 100_000
    note = tools.workspaces.folder(OPERATION.run) / "note"
    assert note.read_text() == OPERATION.idempotency_key
    assert (await tools.failure("missing"))[1].startswith("BlobMissing: no blob")


async def test_a_store_that_fails_fails_the_call(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = await serve(file=FILE)

    async def put(_data: bytes) -> str:
        raise PermissionError

    monkeypatch.setattr(tools.blobs, "put", put)
    failure, message, _ = await tools.failure("files", name="a")
    assert failure is FailureClass.TOOL_ERROR
    assert message == "OSError: an artifact cannot be stored or read: PermissionError"


async def test_a_process_is_replaced_after_some_calls(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_MOST_CALLS", 2)
    tools = await serve(file=FILE)
    results = [await tools.output("pid") for _ in range(3)]
    assert [result["calls"] for result in results] == [1, 2, 1]
    assert gone(results[0]["pid"])


async def test_a_process_that_died_meanwhile_is_replaced(serve: Serve) -> None:
    tools = await serve(file=FILE)
    pid = (await tools.output("pid"))["pid"]
    os.kill(pid, signal.SIGKILL)
    await until(lambda: gone(pid))
    assert (await tools.output("pid"))["pid"] != pid


async def test_settings_of_ours_are_not_handed_on(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_REDIS_URL", "redis://:secret@example.org")
    monkeypatch.setenv("OF_THE_TOOL", "1")
    tools = await serve(file=FILE)
    names = await tools.output("settings")
    assert "OF_THE_TOOL" in names
    assert "AWE_REDIS_URL" not in names


async def test_a_process_that_cannot_start_is_a_failure(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = await serve(file=FILE)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    failure, message, sent = await tools.failure("pid")
    assert (failure, sent) == (FailureClass.TRANSPORT, False)
    assert "could not be started: No such file or directory" in message


async def test_tools_that_are_no_longer_there_are_never_sent(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "tools.py"
    text = 'from awe import tool\n@tool(name="x", effect="read", heavy=True)\ndef x() -> int:\n    return 1\n'
    file.write_text(text)
    tools = await serve(file=file)
    file.write_text(text.replace("int", "str"))
    failure, message, sent = await tools.failure("x")
    assert (failure, sent) == (FailureClass.INTERNAL, False)
    assert "no longer has the tool" in message
    file.write_text("1 / 0")
    pid = tools.tools.child_pids[0]
    os.kill(pid, signal.SIGKILL)
    await until(lambda: gone(pid))
    failure, message, sent = await tools.failure("x")
    assert (failure, sent) == (FailureClass.INTERNAL, False)
    assert "ZeroDivisionError" in message


@tool(name="unreachable", effect="read", heavy=True)
def unreachable() -> int:
    return 1


async def test_a_heavy_tool_of_no_importable_module_is_never_sent(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreachable, "__module__", "no_such_module")
    tools = await serve(unreachable)
    failure, message, sent = await tools.failure("unreachable")
    assert (failure, sent) == (FailureClass.INTERNAL, False)
    assert "no_such_module cannot be loaded: ModuleNotFoundError" in message


async def test_no_process_is_left_at_the_end(workbench: Workbench) -> None:
    async with workbench.serving(Registry.load(files=[FILE])) as tools:
        await asyncio.gather(workbench.output("pid"), workbench.output("pid"))
        busy = asyncio.create_task(workbench.failure("hang"))
        _, program = await pids_of_hanging(workbench)
        pids = tools.child_pids
        assert len(pids) == 2
    assert all(map(gone, pids))
    await until(lambda: gone(program))
    assert (await busy)[0] is FailureClass.TRANSPORT


PARENT = """
import asyncio, sys
from pathlib import Path
from support.workbench import Workbench
from awe.adapters.tools.registry import Registry

async def main():
    workbench = Workbench(Path(sys.argv[2]))
    async with workbench.serving(Registry.load(files=[Path(sys.argv[1])])):
        await workbench.call("hang", limit_s=600.0)

asyncio.run(main())
"""


async def test_a_process_dies_with_its_parent_in_the_middle_of_a_call(
    workbench: Workbench, tmp_path: Path
) -> None:
    tests = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": tests}
    command = [sys.executable, "-c", PARENT, str(FILE), str(tmp_path)]
    with subprocess.Popen(command, env=environment) as parent:  # noqa: ASYNC220 (it forks and is gone)
        process, program = await pids_of_hanging(workbench)
        parent.kill()
    await until(lambda: gone(process))
    os.kill(program, signal.SIGKILL)  # what a tool starts itself is its own to bind
