"""Two processes append to 16 partitions while the epoch is raised again and again: every outcome is right (I2)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from awe.adapters.redis_streams.connection import connect
from awe.adapters.redis_streams.keys import Keys
from awe.api.bootstrap import partition_name
from chaos.installation import installation
from support.server_process import PostgresProcess, ServerProcess

PARTITIONS = 16
IN_FLIGHT = 50


async def raise_epochs(
    redis: ServerProcess,
    postgres: PostgresProcess,
    database: str,
    home: Path,
    seconds: float,
    times: int,
    seed: int,
    say: Callable[[str], None],
) -> list[str]:
    """Raise the epoch of every partition ``times`` times, by a kill, a restart, and by closing it; return what is wrong."""
    async with installation(
        redis, postgres, database, home, partitions=PARTITIONS, in_flight=IN_FLIGHT, seed=seed
    ) as running:
        for turn in range(times):
            await asyncio.sleep(seconds / (times + 1))
            before = await running.epochs()
            if turn % 3 == 0:
                redis.kill9()
                redis.start()
            elif turn % 3 == 1:
                redis.restart()
            else:
                await _close(redis.url)
            await running.reopened(before)
        await asyncio.sleep(seconds / (times + 1))
        await running.settle()
        found = await running.check()
    say(
        f"{times} epochs in {seconds:.0f} s: {found.answers} answers, {found.events} events, epoch {found.epochs}"
    )
    wrong = [f"{each} (seed {seed})" for each in found.problems]
    return wrong if found.epochs > times else [*wrong, f"only {found.epochs} epochs were seen"]


async def _close(url: str) -> None:
    client = connect(url)
    for number in range(PARTITIONS):
        await client.execute_command("HSET", Keys(partition_name(number)).meta, "state", "closed")
    await client.aclose()
