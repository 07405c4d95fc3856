"""What opening a partition costs after a start of its server, where nothing was lost and all is in the archive."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.healing import Healer
from awe.projections.archiver import Archiver
from benchmarks.comparison import Sample, cpu, ratio, sample
from benchmarks.cpu import Meter
from benchmarks.filling import fill
from benchmarks.floor import plain_client
from benchmarks.logs import connected
from benchmarks.row import Row, Target
from benchmarks.servers import archive_server, hot_server
from benchmarks.settings import Settings
from benchmarks.two_tiers import PARTITION, two_tiers
from support.server_process import PostgresProcess, ServerProcess

PAGE = 500


async def healing(settings: Settings) -> Sequence[Row]:
    """The server starts anew before each turn; both variants then rewrite its file and read the hot window."""
    count = settings.sized(30_000)
    floor: list[Sample] = []
    subject: list[Sample] = []
    with hot_server(settings) as hot, archive_server(settings) as cold:
        async with two_tiers(hot, cold) as tiers:
            await fill(tiers.log, count)
            archiver = Archiver(tiers.hot, tiers.archive)
            while await archiver.step():
                pass
        for _ in range(settings.repeats):
            floor.append(await _raw(hot.restart(), cold))
            subject.append(await _heal(hot.restart(), cold))
    return [
        Row(
            "healing",
            "ms CPU",
            cpu(subject),
            ratio(subject, floor),
            cpu(floor),
            Target(3.0),
            f"{count:,} entries hot and archived; floor = BGREWRITEAOF, then xrange() of them in pages of {PAGE}",
        )
    ]


async def _heal(hot: ServerProcess, cold: PostgresProcess) -> Sample:
    connections = OwnedConnection(cold.url, "benchmark")

    async def heal() -> int:
        await Healer(client, connections, partitions=1).heal(PARTITION)
        return 1_000

    async with connected(hot.url) as client, aclosing(connections):
        return await sample(Meter(hot.pid, cold.pid), heal)


async def _raw(hot: ServerProcess, cold: PostgresProcess) -> Sample:
    async def rewrite_and_read() -> int:
        await client.bgrewriteaof()
        while (await client.info("persistence"))["aof_rewrite_in_progress"]:  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.01)
        await _read_all(client)
        return 1_000

    async with aclosing(plain_client(hot.url)) as client:
        return await sample(Meter(hot.pid, cold.pid), rewrite_and_read)


async def _read_all(client: Any) -> None:
    seen = 0
    while entries := await client.xrange(f"{{{PARTITION}}}:log", f"{seen + 1}-0", count=PAGE):
        seen += len(entries)
