"""An installation under load: two appending processes, a healer and an archiver of their own, and the check at the end."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.keys import Keys
from awe.api.bootstrap import partition_name
from awe.projections import archive_reader
from awe.projections.verification import verify
from chaos.checking import problems
from chaos.ledger import LedgerFile
from chaos.processes import Process
from support.archives import migrated
from support.server_process import PostgresProcess, ServerProcess
from support.waiting import until

APPENDERS = 2
NO_PROGRESS_S = 60.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the check found: problems, and how much it looked at."""

    problems: list[str]
    answers: int
    events: int
    epochs: int


@dataclass
class Installation:
    """Everything that can be killed, and what was told to whom."""

    redis: ServerProcess
    postgres: PostgresProcess
    database: str
    partitions: int
    healer: Process
    archiver: Process
    appenders: list[Process]
    ledgers: list[Path]

    async def epochs(self) -> list[int]:
        """Return the epoch in which each partition is open now (0: it is not)."""
        client = connect(self.redis.url)
        try:
            found = [
                await client.execute_command("HMGET", Keys(partition_name(number)).meta, "epoch", "state")
                for number in range(self.partitions)
            ]
        finally:
            await client.aclose()
        return [int(epoch or 0) if state == b"open" else 0 for epoch, state in found]

    async def reopened(self, before: list[int]) -> None:
        """Wait until every partition is open in a later epoch."""
        begin = time.monotonic()
        while not all(now > old for now, old in zip(await self.epochs(), before, strict=True)):
            assert time.monotonic() - begin < NO_PROGRESS_S, (
                f"not reopened: {await self.epochs()} after {before}"
            )
            await asyncio.sleep(0.02)

    async def settle(self) -> None:
        """Stop the appenders, which waits for every answer, and wait until all is archived."""
        for appender in self.appenders:
            await asyncio.to_thread(appender.end)
        client = connect(self.redis.url)
        try:
            heads: list[int] = []
            last_progress = time.monotonic()
            while True:
                found = [await self._heads(client, number) for number in range(self.partitions)]
                if all(n == archived for n, archived in found):
                    return
                now_archived = [archived for _, archived in found]
                if now_archived != heads:
                    heads, last_progress = now_archived, time.monotonic()
                assert time.monotonic() - last_progress < NO_PROGRESS_S, f"archiving stands still at {found}"
                await asyncio.sleep(0.05)
        finally:
            await client.aclose()

    async def _heads(self, client: AsyncClient, number: int) -> tuple[int, int]:
        n, archived = await client.execute_command(
            "HMGET", Keys(partition_name(number)).meta, "n", "archived"
        )
        return int(n or 0), int(archived or 0)

    async def check(self) -> Found:
        """Hold log, archive and chain to each other and to what clients were told; nothing may be lost."""
        answers = [told for ledger in self.ledgers for told in LedgerFile.read(ledger)]
        wrong: list[str] = []
        events = latest = 0
        client = connect(self.redis.url)
        connections = OwnedConnection(self.database, "check")
        try:
            for number in range(self.partitions):
                name = partition_name(number)
                async with connections.connection() as connection:
                    entries = await archive_reader.entries(connection, name, 0, 10_000_000)
                starts = await client.execute_command("HGETALL", Keys(name).epochs)
                epochs = {int(epoch): int(start) for epoch, start in starts.items()}
                mine = (told for told in answers if told.partition == name)
                wrong.extend(f"{name}: {each}" for each in problems(entries, epochs, mine, lossless=True))
                checked = await verify(connections, name, 1, len(entries))
                if checked.finding:
                    wrong.append(f"{name}: {checked.finding}")
                hot = await client.execute_command("XRANGE", Keys(name).log, "-", "+")
                if [(int(each[0][:-2]), each[1][5]) for each in hot] != [
                    (entry.n, entry.body) for entry in entries[len(entries) - len(hot) :]
                ]:
                    wrong.append(f"{name}: the tiers differ")
                events += len(entries)
                latest = max(latest, *epochs)
        finally:
            await client.aclose()
            await connections.aclose()
        return Found(wrong, len(answers), events, latest)


@asynccontextmanager
async def installation(
    redis: ServerProcess,
    postgres: PostgresProcess,
    database: str,
    home: Path,
    *,
    partitions: int,
    in_flight: int,
    seed: int,
) -> AsyncGenerator[Installation]:
    """Run an installation on servers that are up; its processes end with the block."""
    async with migrated(database, "set-up"):
        pass
    environment = {
        "AWE_REDIS_URL": redis.url,
        "AWE_POSTGRES_URL": database,
        "AWE_PARTITIONS": str(partitions),
    }
    ledgers = [home / f"ledger-{place}" for place in range(APPENDERS)]
    async with AsyncExitStack() as held:
        healer = held.enter_context(Process(environment, "chaos.keepers", "healer"))
        archiver = held.enter_context(Process(environment, "chaos.keepers", "archiver"))
        appenders = [
            held.enter_context(
                Process(
                    environment, "chaos.appender", str(ledger), str(seed * APPENDERS + place), str(in_flight)
                )
            )
            for place, ledger in enumerate(ledgers)
        ]
        await until(lambda: all(ledger.exists() and ledger.stat().st_size for ledger in ledgers))
        yield Installation(redis, postgres, database, partitions, healer, archiver, appenders, ledgers)
