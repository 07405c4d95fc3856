"""A read model built anew from a long log: how fast, over the same events read back and copied, and in how much memory."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from psycopg import AsyncConnection

from awe.adapters.postgres.connection import OwnedConnection
from awe.domain.events import Event
from awe.domain.run.events import RunSucceeded
from awe.domain.task.events import TaskSucceeded
from awe.projections.migrations.migrate import migrate
from awe.projections.projector import Projector
from awe.projections.read_models.runs import Runs
from awe.projections.read_models.tasks import Tasks
from awe.projections.rebuild.pages import EVENTS as PAGE
from awe.projections.tables import Statements
from benchmarks.comparison import Sample, cpu, rate_ratio, ratio, take_turns
from benchmarks.cpu import Meter
from benchmarks.reading.archived import PARTITION, archived
from benchmarks.reading.building import NUMBER, build
from benchmarks.row import Entry, Row, Target
from benchmarks.servers import archive_server
from benchmarks.settings import Settings
from benchmarks.spread import Spread

_RATE: Final = Target(0.4, least=True)
_GROWTH: Final = Target(1.1)
_FEWER: Final = 5
_LEAST: Final = 100_000
"""From so many events on a builder keeps as many rows in memory as it ever does."""


async def reading_rebuild(settings: Settings) -> Sequence[Row]:
    """Each turn builds a version of `runs`, one of `tasks`, and copies all events into an equal table of events."""
    with archive_server(settings) as cold:
        async with _connected(cold.url, "builder") as writing, _connected(cold.url, "reader") as reading:
            async with writing.connection() as connection:
                await migrate(connection)
                await connection.execute("CREATE TABLE raw (LIKE awe.event INCLUDING ALL)")
            count = await archived(writing, settings.sized(settings.events, least=200))
            samples = await take_turns(
                Meter(cold.pid),
                settings.repeats,
                {
                    "copy": partial(_copy, writing, reading, count),
                    "runs": partial(_built, writing, reading, Runs(), count),
                    "tasks": partial(_built, writing, reading, Tasks(), count),
                },
            )
            await _checked(writing, Runs(), RunSucceeded)
            await _checked(writing, Tasks(), TaskSucceeded)
    note = (
        f"{count:,} events; floor = all of them read back and copied (binary, through psycopg) into a table with the "
        f"same keys, {PAGE:,} a page, by two connections as the builder has them; `tasks` wants nearly all of them, "
        "`runs` two of five; CPU is of Python and Postgres"
    )
    return [
        each
        for name in ("runs", "tasks")
        for each in _rows(f"rebuild of {name}", f"rebuild_{name}", samples[name], samples["copy"], note)
    ]


async def reading_rebuild_memory(settings: Settings) -> Sequence[Row]:
    """Each build in a process of its own, of the same log when it is short and when it is long."""
    many = settings.sized(settings.events, least=200)
    few = min(many, max(settings.sized(_LEAST, least=100), many // _FEWER))
    peaks: list[float] = []
    with archive_server(settings) as cold:
        async with _connected(cold.url, "builder") as writing:
            async with writing.connection() as connection:
                await migrate(connection)
            for count in (few, many):
                await archived(writing, count)
                peaks.append(await _peak_mib(cold.url))
                await _checked(writing, Tasks(), TaskSucceeded)
    peak = Spread.exactly(peaks[1])
    growth = Spread.exactly(peaks[1] / peaks[0])
    return [
        Row(
            "rebuild, peak memory",
            "MiB",
            peak,
            growth,
            Spread.exactly(peaks[0]),
            _GROWTH,
            f"resident, of a process that builds `tasks` from {many:,} events; floor = the same from {few:,}",
            Entry(
                "memory", "rebuild_peak_rss_mib", {str(few): peaks[0], str(many): peaks[1], "growth": growth}
            ),
        )
    ]


def _rows(
    name: str, key: str, subject: Sequence[Sample], floor: Sequence[Sample], note: str
) -> Sequence[Row]:
    rate = rate_ratio(subject, floor)
    figures = {"events_per_s": Spread.of([1e6 / each.wall for each in subject]), "ratio": rate}
    entry = Entry("reading", key, figures)
    return [
        Row(f"{name}, rate", "us wall each", _wall(subject), rate, _wall(floor), _RATE, note, entry),
        Row(f"{name}, CPU", "us CPU each", cpu(subject), ratio(subject, floor), cpu(floor)),
    ]


async def _built(writing: OwnedConnection, reading: OwnedConnection, projector: Projector, count: int) -> int:
    await build(writing, reading, projector, PARTITION)
    return count


async def _checked(connections: OwnedConnection, projector: Projector, ended: type[Event]) -> None:
    """What was built must be what happened: a row for every end of a run or of a task."""
    table = Statements(projector, NUMBER).table
    async with connections.connection() as connection:
        cursor = await connection.execute(
            f"""
            SELECT (SELECT count(*) FROM awe.event WHERE type = %s),
                   (SELECT count(*) FROM {table} WHERE status = 'succeeded')
            """.encode(),  # noqa: S608 (names are checked)
            (ended.event_type,),
        )
        ((happened, there),) = await cursor.fetchall()
    if not happened == there > 0:
        raise RuntimeError(f"{projector.name} was built with {there} ends of {happened}")


async def _copy(writing: OwnedConnection, reading: OwnedConnection, count: int) -> int:
    after = 0
    async with writing.connection() as to, reading.connection() as of:
        await to.execute("TRUNCATE raw")
        while after < count:
            rows = await _page(of, after)
            async with (
                to.transaction(),
                to.cursor() as cursor,
                cursor.copy("COPY raw FROM STDIN (FORMAT BINARY)") as copy,
            ):
                copy.set_types(("text", "int8", "text", "text", "bytea", "bytea", "bytea"))
                for each in rows:
                    await copy.write_row(each)
            after = rows[-1][1]
    return count


async def _page(connection: AsyncConnection[Any], after: int) -> Sequence[tuple[Any, ...]]:
    cursor = await connection.execute(
        """
        SELECT partition, n, run, type, meta, body, digest FROM awe.event
        WHERE partition = %s AND n > %s AND n <= %s ORDER BY n
        """,
        (PARTITION, after, after + PAGE),
        binary=True,
    )
    return await cursor.fetchall()


async def _peak_mib(url: str) -> float:
    """Build in another process; returns its peak memory."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.reading.building", url),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path))},
    )
    said, _ = await process.communicate()
    if process.returncode or not said:
        raise RuntimeError(f"the builder ended with {process.returncode}")
    return float(said)


@asynccontextmanager
async def _connected(url: str, role: str) -> AsyncGenerator[OwnedConnection]:
    owned = OwnedConnection(url, role, use_timeout_s=600.0)
    try:
        yield owned
    finally:
        await owned.aclose()


def _wall(samples: Sequence[Sample]) -> Spread:
    return Spread.of([sample.wall for sample in samples])
