"""The shapes as they are driven: which plan, how often, and how many runs at once."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from awe.domain.plan.lint.limits import LIMITS
from benchmarks.engine.plans import PlanDocument, chain, fan_out, fan_out_of_items, layered
from benchmarks.settings import Settings


class Workload(NamedTuple):
    """Runs of one plan; `steps` is the number of calls of the tool in each."""

    plan: PlanDocument
    runs: int
    in_flight: int
    steps: int


BULK: Mapping[str, Workload] = {
    "chain": Workload(chain(10), runs=200, in_flight=50, steps=10),
    "fan_out": Workload(fan_out(100), runs=20, in_flight=5, steps=102),
    "layered": Workload(layered(50, 40), runs=1, in_flight=1, steps=2_000),
}
"""Judged by CPU time per step."""

LATENCY = Workload(chain(5), runs=100, in_flight=1, steps=5)
"""Judged by the time from a goal to its result."""

NAMED: Mapping[str, Workload] = {**BULK, "first": LATENCY._replace(runs=1)}
"""What another process can be told to do."""

_SMALLEST = 12
"""Steps of a run that a small part of a workload may have."""


def small(load: Workload, settings: Settings) -> Workload:
    """The part of a workload that the settings ask for: fewer runs, and where runs are large, of a smaller plan."""
    runs = min(load.runs, settings.sized(load.runs, least=2))
    if load.steps <= _SMALLEST or settings.share == 1:
        return load._replace(runs=runs, in_flight=min(runs, load.in_flight))
    steps = settings.sized(load.steps, least=_SMALLEST)
    plan, steps = _smaller(load.plan, steps)
    return Workload(plan, runs, min(runs, load.in_flight), steps)


def _smaller(plan: PlanDocument, steps: int) -> tuple[PlanDocument, int]:
    match plan["name"].split("-"):
        case ["chain", _]:
            return chain(steps), steps
        case ["layered", *_]:
            width = min(40, steps // 3)
            return layered(steps // width, width), steps // width * width
        case ["fan", "out", "of", "items", _]:
            return fan_out_of_items(steps - 2), steps
        case _:
            return fan_out(steps - 2), steps


def growth_of_a_server() -> Sequence[Workload]:
    """More and more runs on one server: the last ones must not cost more than the first."""
    return [Workload(chain(10), runs, in_flight=50, steps=10) for runs in (100, 1_000, 5_000)]


def growth_of_a_run() -> Mapping[str, Sequence[Workload]]:
    """Larger and larger runs; the largest chain is the longest that a plan may be, the largest fan-out one of items."""
    chains = [Workload(chain(length), 1, 1, length) for length in (10, 100, LIMITS.max_depth)]
    wide = [Workload(fan_out(width), 1, 1, width + 2) for width in (30, 100, 1_000)]
    items = [Workload(fan_out_of_items(width), 1, 1, width + 2) for width in (30, 1_000, LIMITS.max_items)]
    return {"chain": chains, "fan_out": wide, "fan_out_of_items": items}
