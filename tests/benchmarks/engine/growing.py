"""A step costs the same however many runs there were on a server, and however large its run is."""

from collections.abc import Sequence
from statistics import median

from benchmarks.engine.bulk import measured
from benchmarks.engine.driving import Client
from benchmarks.engine.gauge import Cost, Gauge
from benchmarks.engine.workloads import Workload, growth_of_a_run, growth_of_a_server, small
from benchmarks.row import Entry, Row, Target
from benchmarks.settings import Settings
from benchmarks.spread import Spread

_TARGET = Target(1.3)
_LEAST_STEPS = 1_000
"""What takes less is done several times."""


async def engine_growth(settings: Settings) -> Sequence[Row]:
    """All in this order on one server; the largest of a kind is held against the middle one, which is no lone run."""
    rows: list[Row] = []
    async with measured(settings, 1) as (at, gauge):
        await at.drive(small(growth_of_a_server()[0], settings))
        for name, full in {"runs of a chain": growth_of_a_server(), **growth_of_a_run()}.items():
            loads = [small(load, settings) for load in full]
            costs = [await _cost(at, gauge, load, settings) for load in loads]
            rows.append(_row(name, loads, costs))
    return rows


async def _cost(at: Client, gauge: Gauge, load: Workload, settings: Settings) -> Sequence[Cost]:
    times = max(1, settings.sized(_LEAST_STEPS, least=1) // (load.runs * load.steps))
    return [await gauge.cost(at, load) for _ in range(times)]


def _row(name: str, loads: Sequence[Workload], costs: Sequence[Sequence[Cost]]) -> Row:
    taken = [median(each.cpu_ms for each in of_size) for of_size in costs]
    sizes = [load.runs if load.runs > 1 else load.steps for load in loads]
    grown = Spread.exactly(taken[-1] / taken[1])
    return Row(
        f"growth, {name.replace('_', ' ')}",
        "ms CPU a step",
        Spread.exactly(taken[-1]),
        grown,
        Spread.exactly(taken[1]),
        _TARGET,
        f"floor = the middle one of sizes {', '.join(f'{size:,}' for size in sizes)}",
        Entry(
            "growth",
            name.replace(" ", "_"),
            {"cpu_s_per_1000": dict(zip(map(str, sizes), taken, strict=True)), "ratio": grown},
        ),
    )
