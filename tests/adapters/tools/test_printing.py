import io
import sys
from pathlib import Path

import pytest

from awe.adapters.tools.decorator import tool
from awe.adapters.tools.printing import diverted, in_tool
from awe.adapters.tools.registry import Registry
from support.workbench import Serve, Workbench


@tool(name="async.print", effect="read")
async def async_print(said: str) -> None:
    print(said)  # noqa: T201 (where it goes is tested)
    sys.stdout.write("raw\n")


@tool(name="sync.print", effect="read")
def sync_print(said: str) -> None:
    print(said)  # noqa: T201 (where it goes is tested)
    sys.stdout.buffer.write(b"bytes\n")


async def test_what_a_tool_prints_goes_to_stderr(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    tools = await serve(async_print, sync_print)
    await tools.output("async.print", said="from the loop")
    await tools.output("sync.print", said="from a thread")
    print("from the program")  # noqa: T201 (where it goes is tested)
    out, err = capsys.readouterr()
    assert out == "from the program\n"
    assert set(err.split("\n")) == {"from the loop", "raw", "from a thread", "bytes", ""}


def test_a_line_of_a_tool_is_written_in_one_piece(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[str] = []
    with diverted(), in_tool():
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        monkeypatch.setattr(sys.stderr, "write", pieces.append)
        print("a", "line")  # noqa: T201 (how it is written is tested)
        sys.stdout.write("two\nlines\nand")
        sys.stdout.flush()
        print(" more")  # noqa: T201 (how it is written is tested)
        sys.stdout.write("no end of it")
    assert pieces == ["a line\n", "two\nlines\n", "and", " more\n", "no end of it"]
    assert capsys.readouterr().out == ""


def test_a_line_without_an_end_is_not_held_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    with diverted(), in_tool():
        sys.stdout.write("x" * 10_000)
        assert len(capsys.readouterr().err) == 10_000


async def test_what_a_heavy_tool_prints_goes_to_stderr(
    workbench: Workbench, capfd: pytest.CaptureFixture[str]
) -> None:
    file = Path(__file__).with_name("heavy_tools.py")
    async with workbench.serving(Registry.load(files=[file])):
        await workbench.output("pid", said="from a process")
    out, err = capfd.readouterr()
    assert out == ""
    assert err == "from a process\n"


async def test_stdout_is_its_own_again_at_the_end(workbench: Workbench) -> None:
    before = sys.stdout
    async with workbench.serving(Registry.of([async_print])), workbench.serving(Registry.of([sync_print])):
        assert sys.stdout is not before
    assert sys.stdout is before


def test_who_diverts_second_may_stop_first() -> None:
    before = sys.stdout
    first, second = diverted(), diverted()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert sys.stdout is not before
    second.__exit__(None, None, None)
    assert sys.stdout is before


def test_a_stdout_that_somebody_else_replaced_is_left_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # put back at the end
    other = sys.stderr
    with diverted():
        sys.stdout = other
    assert sys.stdout is other
    assert capsys.readouterr().out == ""
