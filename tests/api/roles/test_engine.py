"""All roles in one process: a goal goes in and comes to its end; a role that cannot go on takes the block with it."""

import asyncio
import io
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.bootstrap.kit import Kit, kit
from awe.api.cli.live.showing import show
from awe.api.cli.live.telling import Lines
from awe.api.cli.run.interrupts import interrupts
from awe.api.goals.preparing import Asked, GoalMalformed, prepare
from awe.api.goals.wanted import wanted
from awe.api.mcp.server import Door
from awe.api.reading.run_views import watch
from awe.api.reading.sources import Sources
from awe.api.reading.untouched import untouched
from awe.api.roles.ending import end
from awe.api.roles.engine import Roles, engine
from awe.api.roles.failures import RoleFailed
from awe.api.roles.stopping import stop_asked
from awe.api.settings import Settings
from awe.domain.identifiers import partition_of
from awe.domain.run.state import RunStatus
from support.goal_folders import COUNTING, goal_folder
from support.server_process import ValkeyProcess


@pytest.fixture
def settings(own_valkey: ValkeyProcess, postgres_database: str, server_home: Path) -> Settings:
    return Settings.from_environment(
        {
            "AWE_HOME": str(server_home / "awe"),
            "AWE_REDIS_URL": own_valkey.url,
            "AWE_POSTGRES_URL": postgres_database,
            "AWE_PARTITIONS": "2",
            "AWE_OTEL": "on",
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return goal_folder(tmp_path / "goal", COUNTING)


@pytest.fixture
def made(settings: Settings, folder: Path) -> Iterator[Kit]:
    with kit(settings, tools=[str(folder / "tools.py")]) as loaded:
        yield loaded


async def test_a_goal_comes_to_its_end(settings: Settings, made: Kit, folder: Path) -> None:
    asked = Asked("ana", inputs={"text": "a b c"}, priority=3)
    prepared = await prepare(wanted(str(folder), made.schemas), asked, made)
    assert prepared.command.queue in made.queues
    assert prepared.command.priority == 3
    async with engine(settings, made, Roles(drain_s=1)) as store:
        run = (await store.runs.submit(prepared.command)).run
        watched = watch(store.log(partition_of(run)), run, made.blobs)
        view = await show(watched, Lines(io.StringIO()))
        reads = OwnedConnection(store.servers.postgres_url, "test")
        sources = Sources(store.logs, reads, partial(untouched, store.client, reads))
        door = Door(store, made, asked, sources)
        shown = await door.show_run(run, wait_s=1)
        listed = await door.list_runs()
        await reads.aclose()
    assert (view.status, view.outputs and view.outputs["words"]) == (RunStatus.SUCCEEDED, 3)
    assert (shown.status, shown.outputs) == ("succeeded", view.outputs)
    assert [line.run for line in listed.runs] == [run]


async def test_a_role_that_cannot_go_on_ends_the_block(
    settings: Settings, made: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise ZeroDivisionError("of the scheduler")

    monkeypatch.setattr("awe.commands.scheduler.scheduler.Scheduler.run", fail)
    with pytest.raises(ExceptionGroup) as caught:
        async with engine(settings, made, Roles(worker=False)):
            await asyncio.Event().wait()
    failed = caught.group_contains(
        RoleFailed, match="the scheduler of this process stopped: ZeroDivisionError"
    )
    assert failed


async def test_a_goal_of_no_shape_is_refused(made: Kit, folder: Path) -> None:
    asked = Asked("ana", inputs={"text": "a"}, key="k" * 500)
    with pytest.raises(GoalMalformed, match="idempotency_key"):
        await prepare(wanted(str(folder), made.schemas), asked, made)


def test_words_are_words(made: Kit) -> None:
    assert wanted("write notes", made.schemas) == "write notes"
    assert wanted("\0" * 10, made.schemas) == "\0" * 10
    assert wanted("x" * 10_000, made.schemas) == "x" * 10_000


async def test_a_swallowed_cancellation_is_repeated() -> None:
    swallowed = 0

    async def swallow() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed > 1:
                    raise

    task = asyncio.create_task(swallow())
    await asyncio.sleep(0)
    await end({task}, patience_s=0.01)
    assert (task.cancelled(), swallowed) == (True, 2)


async def test_the_first_signal_asks() -> None:
    with stop_asked() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stop.wait(), 10)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, "the second ends at once"


async def test_one_interrupt_cancels_and_two_leave() -> None:
    cancelled = asyncio.Event()

    async def cancel() -> None:
        cancelled.set()

    with interrupts(cancel) as left:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(cancelled.wait(), 10)
        assert not left.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(left.wait(), 10)
