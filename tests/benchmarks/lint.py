"""What a person or a planner waits for who has a large plan checked."""

import json
from collections.abc import Sequence

from awe.adapters.expressions import CelExpressions
from awe.adapters.schemas import JsonSchemas
from awe.domain.plan.lint.linter import lint as check
from benchmarks.cpu import Meter
from benchmarks.row import Row, Target
from benchmarks.settings import Settings
from benchmarks.spread import Spread
from support.catalogue import CATALOGUE
from support.plans import layered

LAYERS = 50
WIDTH = 40


async def lint(settings: Settings) -> Sequence[Row]:
    """From the file's bytes to a report without errors; every task has a criterion of its own to compile."""
    layers = min(LAYERS, settings.sized(LAYERS * 10))
    plan = json.dumps(layered(layers, WIDTH)).encode()
    taken = Spread.of([_lint(plan) for _ in range(settings.repeats)])
    name = f"lint of {layers * WIDTH:,} tasks"
    note = f"a plan file of {len(plan) // 1024} KiB; the target is in seconds"
    return [Row(name, "s CPU", taken, taken, target=Target(1.0), note=note)]


def _lint(plan: bytes) -> float:
    meter = Meter()
    meter.start()
    report = check(plan, CATALOGUE, CelExpressions(), JsonSchemas())
    taken = meter.stop()
    if not report.ok:
        raise RuntimeError(f"the plan has errors: {report.findings[:3]}")
    return taken
