"""What a process with the engine needs: memory under load, CPU while it is idle, time until it has done a first run."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence

from benchmarks.engine.alone import BARE
from benchmarks.engine.driving import client
from benchmarks.engine.gauge import Gauge
from benchmarks.engine.installation import installation
from benchmarks.engine.workloads import LATENCY, small
from benchmarks.row import Entry, Row, Target
from benchmarks.servers import archive_server, hot_server
from benchmarks.settings import Settings
from benchmarks.spread import Spread
from support.server_process import ServerProcess

_MEMORY_MIB = Target(130.0)
_MEMORY_BARE_MIB = Target(120.0)
_IDLE_PERCENT = Target(2.0)
_IDLE_S = 5.0


async def engine_memory(settings: Settings) -> Sequence[Row]:
    """Chain and layered, each time in a process of its own; with read models, and without."""
    rows: list[Row] = []
    for said, key, target, more in (
        ("", "peak_rss_mib", _MEMORY_MIB, ()),
        (", no read models", "peak_rss_mib_bare", _MEMORY_BARE_MIB, (BARE,)),
    ):
        taken: list[float] = []
        for _ in range(settings.repeats):
            with hot_server(settings) as hot, archive_server(settings) as cold:
                taken.append(await _alone(hot, cold, settings, *more, "chain", "layered"))
        peak = Spread.of(taken)
        rows.append(
            Row(
                f"engine, peak memory{said}",
                "MiB",
                peak,
                peak,
                target=target,
                note="resident, of the Python process alone, after chain and layered",
                entry=Entry("memory", key, {"chain_and_layered": peak}),
            )
        )
    return rows


async def engine_idle(settings: Settings) -> Sequence[Row]:
    """One partition, everything running, nobody asking for anything."""
    shares: list[float] = []
    with hot_server(settings) as hot, archive_server(settings) as cold:
        async with installation(hot.url, cold.url, 1) as at:
            gauge = Gauge(hot, cold, None)
            async with client(at) as asking:
                await asking.drive(small(LATENCY, settings))
            for _ in range(settings.repeats):
                meter = gauge.engine()
                meter.start()
                began = time.perf_counter()
                await asyncio.sleep(max(1.0, _IDLE_S * settings.share))  # what is measured is this very time
                shares.append(meter.stop() * 100 / (time.perf_counter() - began))
    idle = Spread.of(shares)
    return [
        Row(
            "engine, idle",
            "% of a core",
            idle,
            idle,
            target=_IDLE_PERCENT,
            note="one partition; Python and Redis",
            entry=Entry("memory", "idle", {"percent_of_a_core": idle}),
        )
    ]


async def engine_cold(settings: Settings) -> Sequence[Row]:
    """From starting both servers, whose folders are made, to the end of a process that did one run of five steps."""
    taken: list[float] = []
    for _ in range(settings.repeats):
        with hot_server(settings) as hot, archive_server(settings) as cold:
            hot.stop()
            cold.stop()
            began = time.perf_counter()
            hot.start()
            cold.start()
            await _alone(hot, cold, settings, "first")
            taken.append(time.perf_counter() - began)
    cold_start = Spread.of(taken)
    note = "fresh servers, initdb not counted, until the first run of 5 has ended; Python's imports are in it"
    entry = Entry("shapes", "cold", {"s": cold_start})
    return [Row("engine, cold", "s", cold_start, cold_start, note=note, entry=entry)]


async def _alone(hot: ServerProcess, cold: ServerProcess, settings: Settings, *names: str) -> float:
    """Do workloads in another process; returns its peak memory in MiB as soon as it says it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.engine.alone", hot.url, cold.url, str(settings.share), *names),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path))},
    )
    assert process.stdout is not None
    said = await process.stdout.readline()
    if await process.wait() or not said:
        raise RuntimeError(f"the engine alone ended with {process.returncode}")
    return float(said)
