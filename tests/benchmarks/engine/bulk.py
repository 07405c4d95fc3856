"""What a step costs where many are on their way: chain, fan-out and layers, with one partition and with sixteen.

Read models are fed all the while, and have caught up before the clock stops; without them a step costs what it did before.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager

from awe.projections.projector import Projector
from awe.projections.read_models import BUILT_IN
from benchmarks.engine.driving import Client, client
from benchmarks.engine.gauge import Cost, Floor, Gauge, figures
from benchmarks.engine.installation import SLOTS, installation
from benchmarks.engine.workloads import BULK, LATENCY, Workload, small
from benchmarks.floor import plain_client
from benchmarks.row import Entry, Row, Target
from benchmarks.servers import archive_server, hot_server
from benchmarks.settings import Settings
from benchmarks.spread import Spread

MANY = 16
_BULK = Target(10.0)
_BULK_BARE = Target(9.0)
_BULK_OF_MANY_BARE = Target(13.5)
_LATENCY = Target(10.0)
_NONE = ", no read models"


async def engine(settings: Settings) -> Sequence[Row]:
    """One partition with read models: the bulk shapes, and a goal alone."""
    loads = {name: small(load, settings) for name, load in {**BULK, "latency": LATENCY}.items()}
    floors, costs = await _turns(settings, 1, loads)
    note = (
        "floor F50; Python, Redis, planning and feeding the read models are in it, Postgres is not; "
        f"{SLOTS} slots, the client follows the log"
    )
    rows = [_floor("f50", [each.f50_ms for each in floors]), _floor("f1", [each.f1_ms for each in floors])]
    rows += [_bulk(name, name, costs[name], floors, _BULK, note) for name in BULK]
    return [*rows, _latency("", "", costs["latency"], floors, None)]


async def engine_bare(settings: Settings) -> Sequence[Row]:
    """The same where no read models are fed."""
    loads = {name: small(load, settings) for name, load in {**BULK, "latency": LATENCY}.items()}
    floors, costs = await _turns(settings, 1, loads, projectors=())
    note = "floor F50; the same engine, and nobody feeds read models"
    rows = [_bulk(f"{name}{_NONE}", f"{name}_bare", costs[name], floors, _BULK_BARE, note) for name in BULK]
    return [*rows, _latency(_NONE, "_bare", costs["latency"], floors, _LATENCY)]


async def engine_partitions(settings: Settings) -> Sequence[Row]:
    """The bulk shapes with sixteen partitions on one server, all served by one process."""
    return [
        *await _of_many(settings, BUILT_IN, "", "", None),
        *await _of_many(settings, (), _NONE, "_bare", _BULK_OF_MANY_BARE),
    ]


async def _of_many(
    settings: Settings, projectors: Sequence[Projector], said: str, key: str, target: Target | None
) -> Sequence[Row]:
    loads = {name: small(load, settings) for name, load in BULK.items()}
    floors, costs = await _turns(settings, MANY, loads, projectors)
    note = f"floor F50; {MANY} partitions, all their schedulers, archivers and followers in one process"
    return [
        _bulk(f"{name}, {MANY} partitions{said}", f"{name}_{MANY}{key}", costs[name], floors, target, note)
        for name in BULK
    ]


@asynccontextmanager
async def measured(
    settings: Settings, partitions: int, projectors: Sequence[Projector] = BUILT_IN
) -> AsyncGenerator[tuple[Client, Gauge]]:
    """A client of an installation on fresh servers, and the gauge of both."""
    with hot_server(settings) as hot, archive_server(settings) as cold:
        async with (
            aclosing(plain_client(hot.url)) as plain,
            installation(hot.url, cold.url, partitions, projectors) as at,
            client(at) as asking,
        ):
            yield asking, Gauge(hot, cold, plain)


async def _turns(
    settings: Settings,
    partitions: int,
    loads: Mapping[str, Workload],
    projectors: Sequence[Projector] = BUILT_IN,
) -> tuple[Sequence[Floor], Mapping[str, Sequence[Cost]]]:
    """Each load once to warm up, then by turns with the floor, in an order that turns round each time."""
    floors: list[Floor] = []
    costs: dict[str, list[Cost]] = {name: [] for name in loads}
    async with measured(settings, partitions, projectors) as (at, gauge):
        for load in loads.values():
            await gauge.cost(at, load)
        for turn in range(settings.repeats):
            floors.append(await gauge.floor(settings.sized(4_000), settings.sized(500)))
            for name in list(loads)[:: -1 if turn % 2 else 1]:
                costs[name].append(await gauge.cost(at, loads[name]))
    return floors, costs


def _floor(name: str, taken_ms: Sequence[float]) -> Row:
    spread = Spread.of(taken_ms)
    entry = Entry("floors", name, {"cpu_s_per_1000": spread})
    return Row(f"engine's {name.upper()}", "ms CPU an XADD", spread, spread, entry=entry)


def _bulk(
    name: str, key: str, costs: Sequence[Cost], floors: Sequence[Floor], target: Target | None, note: str
) -> Row:
    ratio = Spread.of([cost.cpu_ms / floor.f50_ms for cost, floor in zip(costs, floors, strict=True)])
    return Row(
        name,
        "ms CPU a step",
        Spread.of([cost.cpu_ms for cost in costs]),
        ratio,
        Spread.of([floor.f50_ms for floor in floors]),
        target,
        note,
        Entry("shapes", key, figures(costs, ratio)),
    )


def _latency(
    said: str, key: str, costs: Sequence[Cost], floors: Sequence[Floor], target: Target | None
) -> Row:
    ratio = Spread.of([cost.p50_ms / floor.five_ms for cost, floor in zip(costs, floors, strict=True)])
    return Row(
        f"latency, p50 of 5 steps{said}",
        "ms a run",
        Spread.of([cost.p50_ms for cost in costs]),
        ratio,
        Spread.of([floor.five_ms for floor in floors]),
        target,
        "floor = five XADDs, one after the other; a run is from before its goal is sent to its end being seen",
        Entry("shapes", f"latency{key}", figures(costs, ratio)),
    )
