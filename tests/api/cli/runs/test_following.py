"""The events of a run are followed in the log until it ends; while that is away, what is known is shown as stale."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.bootstrap import EventStore, event_store, partition_name
from awe.api.cli.event_output import EventWriter
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import read_settings
from awe.api.cli.output import StreamOutput
from awe.api.cli.runs.events import follow_run
from awe.commands.log import NEW_RUN, NewEvent, Unit
from awe.domain.events import Context, Event, encode
from awe.domain.identifiers import RUN_AGGREGATE
from awe.domain.run.events import PlanProposed, RunCancelled
from awe.projections.queries import standing
from awe.projections.read_models import BUILT_IN
from support.cli import Cli
from support.goal_folders import goal_folder, one_task
from support.installation import Installation, installation
from support.memory_harness import MemoryHarness
from support.run_entries import RUN, goal
from support.waiting import until_async

OTHER = RUN[:-1] + "1"


@pytest.fixture
async def harness() -> AsyncGenerator[MemoryHarness]:
    async with MemoryHarness.opened() as opened:
        yield opened


async def append(log: Any, name: str, event: Event, run: str = RUN) -> None:
    new = NewEvent(RUN_AGGREGATE, event.event_type, encode(event, Context(actor="ana")))
    await log.append(Unit(name, run, (new,), absent_at=NEW_RUN))


async def test_i16_a_loss_is_told_and_what_survived_is_followed(
    harness: MemoryHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    log = await harness.log()
    await append(log, "a1", goal())
    after = await log.head()
    await append(log, "a2", PlanProposed(number=1, digest="d" * 64))
    written: list[str] = []

    async def has_written(count: int) -> bool:
        written.extend(capsys.readouterr().out.splitlines())
        return len(written) >= count

    following = asyncio.create_task(follow_run(log, RUN, after, EventWriter(StreamOutput.NDJSON)))
    await until_async(lambda: has_written(1))
    await harness.lose_tail(1)
    await append(log, "a3", goal(), OTHER)
    await append(log, "a4", RunCancelled())
    await following
    ended = capsys.readouterr()
    assert "rewound" in ended.err
    kinds = [json.loads(line)["type"].partition("/")[0] for line in (*written, *ended.out.splitlines())]
    assert kinds == ["awe.run.plan_proposed", "awe.run.cancelled"]


def through_the_store(work: Any) -> None:
    async def main() -> None:
        async with event_store(read_settings()) as store:
            await work(store)

    asyncio.run(main())


async def projected(store: EventStore) -> None:
    """Wait until the read models have all there is."""
    log, names = store.log(0), [each.name for each in BUILT_IN]
    reads = OwnedConnection(store.servers.postgres_url, "test")

    async def all_of_it() -> bool:
        async with reads.connection() as connection:
            return await standing.live_position(connection, names, log.partition) == (await log.head()).n

    await until_async(all_of_it)
    await reads.aclose()


async def emptied(store: EventStore) -> None:
    """Redis came back with nothing, and nobody has healed it yet."""
    found = await store.client.execute_command("KEYS", f"{{{partition_name(0)}}}*")
    await store.client.execute_command("DEL", *found)


def test_a_run_that_is_followed_and_then_only_known_to_postgres(
    cli: Cli, session_homes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWE_")]:
        monkeypatch.delenv(name)
    with installation(session_homes) as here:
        for name, value in here.variables.items():
            monkeypatch.setenv(name, value)
        run, followed = followed_until_its_end(cli, here, tmp_path, monkeypatch)
        assert followed == cli("runs", "events", run, "-o", "ndjson").out
        with here.begun("projector"):
            through_the_store(projected)
        shown = [cli("runs", *words).out for words in (("list",), ("events", run), ("replay", run))]
        through_the_store(emptied)
        for words, before in zip((("list",), ("events", run), ("replay", run)), shown, strict=True):
            ended = cli("runs", *words)
            assert ended.err.startswith("stale: what is shown may be older than what happened: ")
            assert (ended.code, ended.out) == (ExitCode.OK, before)
        assert cli("runs", "show", run, "-o", "json").err.startswith("stale: ")
        assert cli("runs", "events", run, "--follow").code is ExitCode.UNAVAILABLE
        assert cli("runs", "watch", run).code is ExitCode.UNAVAILABLE


def followed_until_its_end(
    cli: Cli, here: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    """Follow a run that waits for somebody to follow it; its id, and what was written."""
    door = folder / "door"
    waiting = goal_folder(folder / "waiting", one_task("my.wait", until=str(door)))
    write = EventWriter.write

    def written(self: EventWriter, events: Any) -> None:
        write(self, events)
        door.touch()

    with here.begun("run", waiting, "-o", "json") as running:
        while not (runs := json.loads(cli("runs", "list", "-o", "json").out)["runs"]):
            assert running.process.poll() is None
        monkeypatch.setattr(EventWriter, "write", written)
        followed = cli("runs", "events", runs[0]["run"], "--follow", "-o", "ndjson")
        monkeypatch.setattr(EventWriter, "write", write)
        assert followed.code is ExitCode.OK, followed.err
        assert running.end().document["run"] == runs[0]["run"]
    return runs[0]["run"], followed.out
