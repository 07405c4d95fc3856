"""Redis, Postgres, archiver and healer are killed at random under load: nothing acknowledged is lost, all tiers agree (I2, I3)."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from chaos.installation import installation
from chaos.processes import Process
from support.server_process import PostgresProcess, ServerProcess

PARTITIONS = 4
IN_FLIGHT = 8


async def kill_at_random(
    redis: ServerProcess,
    postgres: PostgresProcess,
    database: str,
    home: Path,
    kills: int,
    seed: int,
    say: Callable[[str], None],
) -> list[str]:
    """Kill ``kills`` times; return what is wrong."""
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    async with installation(
        redis, postgres, database, home, partitions=PARTITIONS, in_flight=IN_FLIGHT, seed=seed
    ) as running:
        victims: dict[str, ServerProcess | Process] = {
            "redis": redis,
            "postgres": postgres,
            "archiver": running.archiver,
            "healer": running.healer,
        }
        for _ in range(kills):
            await asyncio.sleep(rng.uniform(0.02, 0.6))
            name = rng.choice(sorted(victims))
            victims[name].kill9()
            await asyncio.sleep(rng.uniform(0.0, 0.2))
            victims[name].start()
            done[name] += 1
        await running.settle()
        found = await running.check()
    say(f"{kills} kills {dict(done)}: {found.answers} answers, {found.events} events, epoch {found.epochs}")
    return [f"{each} (seed {seed})" for each in found.problems]
