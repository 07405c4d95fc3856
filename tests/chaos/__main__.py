"""``python -m chaos``: cut, kill and restart; exit 1 when anything that was promised did not hold."""

import argparse
import asyncio
import random
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from chaos.cuts import cut_tails
from chaos.engine.faults import drawn
from chaos.engine.surviving import survive
from chaos.epochs import raise_epochs
from chaos.kills import kill_at_random
from support.server_homes import next_home, server_homes
from support.server_process import PostgresProcess, RedisProcess, ServerProcess, ValkeyProcess

SCENARIOS = ("cuts", "kills", "epochs", "engine")


def say(what: str) -> None:
    print(what, flush=True)  # noqa: T201 (a program's output)


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument(
        "--runs",
        type=int,
        help="cuts of the append-only file, on each kind of server (200); runs of the engine (100)",
    )
    parser.add_argument(
        "--kills",
        type=int,
        help="kills of servers and keepers under load (200); faults of the engine's servers and roles (60)",
    )
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="how long to append while epochs are raised"
    )
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--only", choices=SCENARIOS, help="one scenario")
    parser.add_argument("--server", choices=("valkey", "redis"), help="one kind of server")
    given = parser.parse_args()
    say(f"seed {given.seed}")
    kinds: dict[str, type[ServerProcess]] = {"valkey": ValkeyProcess, "redis": RedisProcess}
    if not shutil.which("redis-server"):
        say("redis-server is not on PATH: only the embedded Valkey is tried")
        del kinds["redis"]

    wrong: list[str] = []
    for name, kind in kinds.items():

        async def cuts(redis: ServerProcess, postgres: PostgresProcess, home: Path) -> list[str]:
            del home
            return await cut_tails(redis, postgres.url, given.runs or 200, given.seed, say)

        async def kills(redis: ServerProcess, postgres: PostgresProcess, home: Path) -> list[str]:
            kills = given.kills or 200
            return await kill_at_random(redis, postgres, postgres.url, home, kills, given.seed, say)

        async def epochs(redis: ServerProcess, postgres: PostgresProcess, home: Path) -> list[str]:
            return await raise_epochs(redis, postgres, postgres.url, home, given.seconds, 10, given.seed, say)

        async def engine(redis: ServerProcess, postgres: PostgresProcess, home: Path) -> list[str]:
            runs, faults = given.runs or 100, drawn(random.Random(given.seed), given.kills or 60)
            return await survive(redis, postgres, home, runs, faults, given.seed, say)

        for scenario in (cuts, kills, epochs, engine):
            if given.only not in {None, scenario.__name__} or given.server not in {None, name}:
                continue
            if scenario is cuts or name == (given.server or "valkey"):
                wrong.extend(_on_fresh_servers(f"{scenario.__name__} on {name}", kind, scenario))
    for each in wrong:
        say(f"WRONG: {each}")
    say(f"{len(wrong)} problems")
    return 1 if wrong else 0


Scenario = Callable[[ServerProcess, PostgresProcess, Path], Awaitable[list[str]]]


def _on_fresh_servers(title: str, kind: type[ServerProcess], scenario: Scenario) -> list[str]:
    say(f"{title}:")
    begin = time.monotonic()
    with server_homes() as root, kind(next_home(root)) as redis, PostgresProcess(next_home(root)) as postgres:

        async def run() -> list[str]:
            return await scenario(redis, postgres, root)

        found = asyncio.run(run())
    say(f"  {time.monotonic() - begin:.0f} s")
    return found


if __name__ == "__main__":
    sys.exit(main())
