"""Runs are submitted while servers and roles are killed and stopped; at the end all that was promised is checked."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from awe.domain.run.state import RunStatus
from chaos.engine.faults import Fault, Faults, Pace
from chaos.engine.findings import findings
from chaos.engine.installation import LEASE_S, Installation, installation
from chaos.engine.watch import waits_for_a_person
from support.server_process import PostgresProcess, ServerProcess

STOP_S = 2 * LEASE_S
NO_PROGRESS_S = 60.0
AT_WORK = 3
"""So many tasks are worked on when a fault begins, if there are as many."""


async def survive(
    redis: ServerProcess,
    postgres: PostgresProcess,
    home: Path,
    runs: int,
    faults: Sequence[Fault],
    seed: int,
    say: Callable[[str], None],
    pace: Pace = Pace(),  # noqa: B008 (a frozen value)
) -> list[str]:
    """Submit ``runs`` runs while the faults happen; return what is wrong."""
    begin = time.monotonic()
    async with installation(redis, postgres, home, seed) as chaos:
        try:
            done = await _endure(chaos, {"redis": redis, "postgres": postgres}, runs, faults, seed, pace)
            say(
                f"{sum(done.values())} faults in {time.monotonic() - begin:.0f} s: {dict(sorted(done.items()))}"
            )
            wrong = await _settle(chaos, runs)
            say(f"all {runs} runs ended after {time.monotonic() - begin:.0f} s")
            wrong += await _quiet(chaos)
            wrong += await chaos.stop()
            wrong += await findings(chaos, postgres, say)
        except BaseException:
            chaos.supervisor.tell(say)
            raise
        if wrong:
            chaos.supervisor.tell(say)
    wrong += chaos.left_behind()
    return [f"{each} (seed {seed})" for each in wrong]


async def _endure(
    chaos: Installation,
    servers: dict[str, ServerProcess],
    runs: int,
    wanted: Sequence[Fault],
    seed: int,
    pace: Pace,
) -> Counter[str]:
    """Let the faults happen, and submit the runs evenly meanwhile."""
    rng = random.Random(seed)
    faults = Faults(chaos.supervisor, servers, STOP_S, pace.at_once)
    submitted = 0
    async with asyncio.TaskGroup() as group:
        for number, fault in enumerate(wanted):
            await faults.room()
            while submitted < runs * (number + 1) // len(wanted):
                group.create_task(chaos.client.submit(submitted))
                submitted += 1
            await asyncio.sleep(rng.uniform(0.1, pace.longest_pause_s))
            await _progress(chaos, partial(_something_to_lose, chaos, submitted), "no task is worked on")
            faults.begin(fault, rng, group)
    return faults.done


def _something_to_lose(chaos: Installation, submitted: int) -> bool:
    """Whether some tasks are worked on, or none is left to be."""
    return chaos.watch.claimed >= AT_WORK or _settled(chaos, submitted)


def _settled(chaos: Installation, runs: int) -> bool:
    """Whether so many runs were submitted, and each has ended or waits for a person."""
    views = chaos.watch.views()
    return len(chaos.client.runs) == runs and all(
        run in views and (views[run].ended or waits_for_a_person(views[run])) for run in chaos.client.runs
    )


async def _settle(chaos: Installation, runs: int) -> list[str]:
    """Wait until every run has ended or waits for a person; cancel those that do, and wait for their ends."""
    client, watch = chaos.client, chaos.watch
    await _progress(chaos, lambda: _settled(chaos, runs), "runs neither end nor wait for a person")
    waiting = [run for run in client.runs if not watch.views()[run].ended]
    for run in waiting:
        await client.cancel(run)
    await _progress(
        chaos, lambda: all(watch.views()[run].ended for run in waiting), "cancelled runs do not end"
    )
    return [
        f"run {run} waited for a person, was cancelled, and is {status}"
        for run in waiting
        if (status := watch.views()[run].status) is not RunStatus.CANCELLED
    ]


async def _quiet(chaos: Installation) -> list[str]:
    """Wait until nothing is owed any more; return what still is after a while."""
    owed = await chaos.owed()
    since = time.monotonic()
    while owed and time.monotonic() - since < NO_PROGRESS_S:
        await asyncio.sleep(0.1)
        before, owed = owed, await chaos.owed()
        if owed != before:
            since = time.monotonic()
    return owed


async def _progress(chaos: Installation, holds: Callable[[], bool], otherwise: str) -> None:
    """Wait until something holds, as long as events are appended."""
    seen, since = chaos.watch.seen, time.monotonic()
    while not holds():
        await asyncio.sleep(0.1)
        if chaos.watch.seen != seen:
            seen, since = chaos.watch.seen, time.monotonic()
        assert time.monotonic() - since < NO_PROGRESS_S, f"{otherwise}: {chaos.watch.unended()}"
