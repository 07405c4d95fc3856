"""What archiving costs over a COPY of the same rows: reading, digests, chain, checkpoint, the hot tier's mark."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import psycopg

from awe.commands.log import EVENTS_PER_CALL
from awe.projections import chain
from awe.projections.archiver import BATCH, Archiver
from awe.projections.ports import HotTier
from benchmarks.comparison import Sample, cpu, rate_ratio, ratio, take_turns
from benchmarks.cpu import Meter
from benchmarks.filling import fill
from benchmarks.row import Row, Target
from benchmarks.servers import archive_server, hot_server
from benchmarks.settings import Settings
from benchmarks.spread import Spread
from benchmarks.two_tiers import two_tiers

_Stored = tuple[int, str, str, bytes, bytes, bytes]


async def archive(settings: Settings) -> Sequence[Row]:
    """Each turn archives as many further events, and copies as many rows like them into an equal table."""
    batch = min(BATCH, settings.sized(20_000))
    batches = max(1, settings.sized(20_000) // batch)
    with hot_server(settings) as hot, archive_server(settings) as cold:
        async with (
            two_tiers(hot, cold) as tiers,
            await psycopg.AsyncConnection[Any].connect(cold.url, autocommit=True) as connection,
        ):
            await connection.execute("CREATE TABLE raw (LIKE awe.event INCLUDING ALL)")
            # Whole units fit into a batch, for the archiver may not split one.
            await fill(tiers.log, batch * batches * (settings.repeats + 1), unit=min(batch, EVENTS_PER_CALL))
            rows = await _rows(tiers.hot, batch)
            archiver = Archiver(tiers.hot, tiers.archive, batch=batch)
            partitions = count()
            samples = await take_turns(
                Meter(hot.pid, cold.pid),
                settings.repeats,
                {
                    "copy": lambda: _copy(connection, f"raw.{next(partitions)}", rows, batches),
                    "archive": lambda: _archive(archiver, batches),
                },
            )
    floor, subject = samples["copy"], samples["archive"]
    note = f"floor = binary COPY through psycopg into a table with the same keys, {batch} rows a transaction"
    rate = rate_ratio(subject, floor)
    return [
        Row(
            "archive, rate", "us wall each", _wall(subject), rate, _wall(floor), Target(0.5, least=True), note
        ),
        Row("archive, CPU", "us CPU each", cpu(subject), ratio(subject, floor), cpu(floor)),
    ]


async def _archive(archiver: Archiver, batches: int) -> int:
    return sum([len(await archiver.step()) for _ in range(batches)])


async def _rows(hot: HotTier, size: int) -> Sequence[_Stored]:
    """Return a batch of what is to be archived, as rows."""
    return [
        (entry.n, entry.run, entry.type.decode(), entry.meta, entry.body, chain.digest(*entry[1:]))
        for entry in (await hot.read(0, size)).entries
    ]


async def _copy(
    connection: psycopg.AsyncConnection[Any], partition: str, rows: Sequence[_Stored], batches: int
) -> int:
    for batch in range(batches):
        async with (
            connection.transaction(),
            connection.cursor() as cursor,
            cursor.copy("COPY raw FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(("text", "int8", "text", "text", "bytea", "bytea", "bytea"))
            for n, *rest in rows:
                await copy.write_row((partition, n + batch * len(rows), *rest))
    return batches * len(rows)


def _wall(samples: Sequence[Sample]) -> Spread:
    return Spread.of([sample.wall for sample in samples])
