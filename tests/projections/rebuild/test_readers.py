"""Queries go on while a projection is rebuilt and switched: none fails, none finds less than before or a mixture."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.errors import FeatureNotSupported

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.bootstrap.read_connections import ReadConnections
from awe.api.reading.entries import decoded
from awe.projections import archive
from awe.projections.archive import Head
from awe.projections.ports import Duties
from awe.projections.projecting import Projecting
from awe.projections.read_models.runs import Runs
from awe.projections.rebuild import rebuilding
from support.archives import PARTITION
from support.rebuilds import Goals, Wider, archived, fed, goals, installed, read, silent, versions, workplace
from support.running import running
from support.server_process import ValkeyProcess
from support.waiting import until

READERS = 20
PAUSE_S = 0.2  # the machine has others to serve, the rebuilder among them
BEFORE = 20_000


class Readers:
    """Each on a connection of its own, which prepares what it repeats; what they see must never go back."""

    def __init__(self, url: str, columns: str, table: str) -> None:
        self._url = url
        self._question = f"SELECT count(*), count({columns}), min(goal), max(goal) FROM {table}"  # noqa: S608 (the test's own)
        self.answers = 0
        self.least = 0

    async def read(self) -> None:
        async with await AsyncConnection[Any].connect(self._url, autocommit=True) as connection:
            seen = 0
            while True:
                cursor = await connection.execute(self._question.encode())
                ((rows, filled, first, last),) = await cursor.fetchall()
                assert rows == filled, "a mixture"
                assert (first, last) == ("g", "g")
                assert rows >= max(seen, self.least), "less than before"
                seen = rows
                self.answers += 1
                await asyncio.sleep(PAUSE_S)


async def test_i29_twenty_readers_see_no_empty_mixed_or_failed_answer_while_the_rebuilder_is_killed_ten_times(
    postgres_database: str, own_valkey: ValkeyProcess
) -> None:
    """Under load: events are archived and fed meanwhile."""
    variables = {
        "AWE_REDIS_URL": own_valkey.url,
        "AWE_POSTGRES_URL": postgres_database,
        "AWE_PARTITIONS": "1",
    }
    async with workplace(postgres_database) as place:
        head = await archived(place.writing, ())
        for first in range(1, BEFORE, 5_000):
            head = await archived(place.writing, goals(first, 5_000), head)
        await installed(place.writing, Runs())
        readers = Readers(postgres_database, "submitted_ms", "awe_read.runs")
        readers.least = BEFORE
        async with (
            _load(postgres_database, head) as loaded,
            running(*(readers.read() for _ in range(READERS))),
        ):
            killed = 0
            while killed < 10:
                killed += await asyncio.to_thread(_rebuilder, variables, kill=True)
            assert await asyncio.to_thread(_rebuilder, variables, kill=False) == 0
            answers = readers.answers
            await until(lambda: readers.answers > answers + 2 * READERS)
            rolled = await asyncio.to_thread(
                _awe, variables, "projections", "rollback", "runs", "--reason", "a test"
            )
            assert rolled.returncode == 0, rolled.stderr
            await until(lambda: readers.answers > answers + 6 * READERS)
        assert loaded
        await fed(place.writing, Runs())
        states = await versions(place.writing, "runs")
        (live,) = [number for number, state in states.items() if state == "live"]
        assert f"version {live} of runs is read now" in rolled.stderr
        assert "building" not in states.values()
        found = await read(place.writing, "runs", "count(*), 1")
        assert list(found) == [BEFORE + len(loaded)]
        newest = max(states)
        comparison = await rebuilding.verify(place, Runs(), newest)
        assert comparison.equal, comparison.report


@asynccontextmanager
async def _load(url: str, base: Head) -> AsyncGenerator[list[int]]:
    """Somebody archives, and a projector feeds what it hears; gives what was archived."""
    archiving, feeding = OwnedConnection(url, "archiving"), OwnedConnection(url, "feeding")
    feed = Projecting(feeding, PARTITION, [Runs()], decoded)
    added: list[int] = []
    ending = asyncio.Event()

    async def add() -> None:
        head = base
        while not ending.is_set():
            batch = goals(head.n + 1, 20)
            async with archiving.connection() as connection:
                after, head = head, await archive.append(connection, PARTITION, head, batch, Duties())
            feed.hear(after.n, batch)
            added.extend(each.n for each in batch)
            await asyncio.sleep(0.02)

    try:
        async with running(feed.run()):
            adding = asyncio.create_task(add())
            yield added
            ending.set()
            await adding
    finally:
        await archiving.aclose()
        await feeding.aclose()


def _rebuilder(variables: dict[str, str], *, kill: bool) -> int:
    """A process that rebuilds; 1 when it was killed at work, 0 when it was done."""
    with subprocess.Popen(
        [sys.executable, "-m", "awe", "projections", "rebuild", "runs"],
        env=_environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        while kill and line and "progress" not in line:
            line = process.stderr.readline()
        if kill:
            try:
                process.wait(random.uniform(0, 0.3))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        _, told = process.communicate(timeout=60)
        if process.returncode == -signal.SIGKILL:
            return 1
        assert process.returncode == 0, told
        return 0


def _awe(variables: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "awe", *args],
        env=_environment(variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWE_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path), **variables}


async def test_i29_a_statement_that_was_planned_before_a_switch_is_answered_after_it(
    postgres_database: str,
) -> None:
    """Columns that are named and keep their type are; who names none, or reads by the door, does not plan ahead."""
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        door = ReadConnections(postgres_database, "door", 1)
        with psycopg.connect(postgres_database, autocommit=True) as planned:
            named = "SELECT goal, length(goal) FROM awe_read.goals"
            for _ in range(8):
                assert planned.execute(named).fetchall() == [("g", 1)]
                async with door.connection() as connection:
                    cursor = await connection.execute("SELECT * FROM awe_read.goals")
                    assert len(await cursor.fetchall()) == 1
            done = await rebuilding.rebuild(place, Wider(), silent, forced="wider")
            assert done.live == 2
            assert planned.execute(named).fetchall() == [("g", 1)]
            async with door.connection() as connection:
                cursor = await connection.execute("SELECT * FROM awe_read.goals")
                assert await cursor.fetchall() == [(PARTITION, "g", 10, 10)]
            await door.aclose()


async def test_what_the_door_is_spared(postgres_database: str) -> None:
    """A connection that plans ahead is refused from then on: this is why those that read do not."""
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        with psycopg.connect(postgres_database, autocommit=True) as planned:
            for _ in range(8):
                planned.execute("SELECT * FROM awe_read.goals")
            await rebuilding.rebuild(place, Wider(), silent, forced="wider")
            with pytest.raises(FeatureNotSupported, match="cached plan must not change result type"):
                planned.execute("SELECT * FROM awe_read.goals")


async def test_a_switch_keeps_who_may_read_and_what_is_built_on_the_view(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        with psycopg.connect(postgres_database, autocommit=True) as other:
            other.execute("CREATE VIEW public.mine AS SELECT goal FROM awe_read.goals")
            other.execute("GRANT SELECT ON awe_read.goals TO PUBLIC")
            await rebuilding.rebuild(place, Goals(), silent)
            assert other.execute("SELECT * FROM public.mine").fetchall() == [("g",)]
            told = other.execute("SELECT relacl::text FROM pg_class WHERE oid = 'awe_read.goals'::regclass")
            assert "=r/" in str(told.fetchone())


async def test_a_switch_waits_for_who_reads_for_long_and_holds_up_no_other(postgres_database: str) -> None:
    async with workplace(postgres_database) as place:
        await archived(place.writing, goals(1, 10))
        await installed(place.writing, Goals())
        with (
            psycopg.connect(postgres_database) as slow,
            psycopg.connect(postgres_database, autocommit=True) as quick,
        ):
            slow.execute("SELECT * FROM awe_read.goals")
            switching = asyncio.create_task(rebuilding.rebuild(place, Goals(), silent))
            await until(lambda: place.control.status("goals").live == 2)
            for _ in range(3):
                assert quick.execute("SELECT count FROM awe_read.goals").fetchall() == [(10,)]
                await asyncio.sleep(0.1)
            assert not switching.done()
            slow.commit()
            assert (await switching).live == 2
