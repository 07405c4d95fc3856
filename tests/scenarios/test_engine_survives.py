"""A few faults of servers and roles while runs are at work, as ``make chaos`` does by the dozen."""

import random
from pathlib import Path

from chaos.engine.faults import TARGETS, Fault, Pace
from chaos.engine.surviving import survive
from support.server_process import PostgresProcess, ValkeyProcess

RUNS = 8
PACE = Pace(at_once=4, longest_pause_s=0.5)


async def test_i02_i14_i15_i20_i21_i22_i27_runs_survive_killed_and_stopped_servers_and_roles(
    own_valkey: ValkeyProcess, own_postgres: PostgresProcess, server_home: Path
) -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    kills = [Fault("kill", target) for target in rng.sample(TARGETS, len(TARGETS))]
    faults = [Fault("stop", rng.choice(TARGETS)), *kills]  # the longest first: the others happen meanwhile

    def say(what: str) -> None:
        print(f"seed {seed}: {what}")  # noqa: T201 (shown when the test fails)

    assert await survive(own_valkey, own_postgres, server_home, RUNS, faults, seed, say, PACE) == []
