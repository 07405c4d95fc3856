"""A run is shown until it ends, or until nothing but a person can help it on."""

import asyncio
import io
import logging
import os
import pty
import sys
from collections.abc import AsyncGenerator, Sequence

import pytest

from awe.api.cli.live.showing import show
from awe.api.cli.live.telling import Lines, telling
from awe.api.reading.run_views import Seen
from awe.domain.events import Event
from awe.domain.run.events import RunSucceeded
from awe.domain.run.state import RunStatus
from awe.projections.views.run import RunView
from support.run_entries import RUN, entries, planned
from support.task_events import PLAIN, claimed, ready, started, unknown

Told = Sequence[tuple[str, Event | None]]
LOST: Told = [("a", event) for event in (ready(), claimed(), started(PLAIN), unknown())]


async def happening(*told: tuple[str, Event | None], for_ever: bool = False) -> AsyncGenerator[Seen]:
    view = RunView(RUN)
    for entry in entries(*told):
        view.apply(entry)
        yield Seen(view, [entry], anew=False)
    if for_ever:
        await asyncio.Event().wait()


async def test_until_it_ends() -> None:
    said = io.StringIO()
    view = await show(happening(*planned({"id": "a"}), ("run", RunSucceeded())), Lines(said))
    assert view.status is RunStatus.SUCCEEDED
    assert [line[8:] for line in said.getvalue().splitlines()] == [
        f"run {RUN}: submitted",
        "run: plan accepted: notes, tasks: 1",
        "run: succeeded",
    ]


async def test_until_only_a_person_can_help() -> None:
    view = await show(
        happening(*planned({"id": "a"}), *LOST, for_ever=True), Lines(io.StringIO()), settle_s=0
    )
    assert view.status is RunStatus.RUNNING


async def test_it_can_be_left() -> None:
    showing = asyncio.create_task(show(happening(*planned({"id": "a"}), for_ever=True), Lines(io.StringIO())))
    await asyncio.sleep(0)
    showing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await showing


def test_what_the_engine_logs_is_said_as_a_line() -> None:
    said = io.StringIO()
    with telling(said):
        logging.getLogger("awe.test").warning("partition %s waits", "awe.00")
    logging.getLogger("awe.test").warning("unheard")
    assert said.getvalue() == "warning: partition awe.00 waits\n"


async def test_a_terminal_gets_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    try:
        ours, theirs = pty.openpty()
    except OSError as none:
        pytest.skip(f"no pseudo terminal can be had here ({none}): mount /dev/pts to run this test")
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        with telling(terminal) as teller:
            await show(happening(*planned({"id": "a"}), ("run", RunSucceeded())), teller)
            sys.stderr.write("beside\n")
        drawn = b""
        while not drawn.endswith(b"\x1b[?25h"):
            drawn += os.read(ours, 65_536)
    os.close(ours)
    assert drawn.startswith(b"\x1b[?25l")
    assert b"not run\x1b[0m    a" in drawn
    assert b"beside\x1b[K" in drawn
