"""What a workload costs: CPU of Python and Redis together, that of Postgres apart, and the time of each run."""

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

import psutil

from benchmarks.cpu import Meter
from benchmarks.engine.driving import Client
from benchmarks.engine.workloads import Workload
from benchmarks.floor import xadd
from benchmarks.in_flight import in_flight
from benchmarks.spread import Spread
from support.server_process import ServerProcess

AT_ONCE = 50


class Floor(NamedTuple):
    """One turn's floors: CPU milliseconds of an XADD of 50 in flight, and of one alone, and how long five lone ones take."""

    f50_ms: float
    f1_ms: float
    five_ms: float


@dataclass(frozen=True, slots=True)
class Cost:
    """One turn's workload; CPU in milliseconds a step, which is the same as seconds per 1,000 steps."""

    cpu_ms: float
    postgres_ms: float
    steps_per_s: float
    p50_ms: float
    p99_ms: float


class Gauge:
    """Measures on the servers of one installation."""

    def __init__(self, hot: ServerProcess, cold: ServerProcess, plain: Any) -> None:
        self._hot = hot
        self._cold = cold
        self._plain = plain

    def engine(self) -> Meter:
        """The meter of this process, of Redis, and of the process that judges expressions."""
        servers = {self._hot.pid, self._cold.pid}
        others = [child.pid for child in psutil.Process().children() if child.pid not in servers]
        return Meter(self._hot.pid, *others)

    async def floor(self, together: int, alone: int) -> Floor:
        """Take the floors from so many XADDs each."""
        gc.collect()
        call, meter = xadd(self._plain), Meter(self._hot.pid)
        meter.start()
        await in_flight([call] * AT_ONCE, together)
        f50 = meter.stop()
        meter.start()
        began = time.perf_counter()
        await in_flight([call], alone)
        wall_s = time.perf_counter() - began
        return Floor(f50 * 1e3 / together, meter.stop() * 1e3 / alone, wall_s * 5e3 / alone)

    async def cost(self, at: Client, load: Workload) -> Cost:
        """Do a workload once."""
        gc.collect()  # nobody pays for another's garbage
        engine, postgres = self.engine(), Meter(self._cold.pid, own=False)
        postgres.start()
        engine.start()
        done = await at.drive(load)
        cpu_s, postgres_s = engine.stop(), postgres.stop()
        taken = sorted(done.taken_s)
        return Cost(
            cpu_s * 1e3 / done.steps,
            postgres_s * 1e3 / done.steps,
            done.steps / done.wall_s,
            median(taken) * 1e3,
            taken[min(len(taken) - 1, len(taken) * 99 // 100)] * 1e3,
        )


def figures(costs: Sequence[Cost], ratio: Spread) -> dict[str, Spread]:
    """What the JSON says of a shape."""
    return {
        "cpu_s_per_1000": Spread.of([each.cpu_ms for each in costs]),
        "postgres_cpu_s_per_1000": Spread.of([each.postgres_ms for each in costs]),
        "steps_per_s": Spread.of([each.steps_per_s for each in costs]),
        "p50_ms": Spread.of([each.p50_ms for each in costs]),
        "p99_ms": Spread.of([each.p99_ms for each in costs]),
        "ratio": ratio,
    }
