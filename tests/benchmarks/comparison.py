"""Variants of one piece of work take turns, so that the machine's good and bad minutes fall on all of them alike."""

import gc
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.cpu import Meter
from benchmarks.spread import Spread

Variant = Callable[[], Awaitable[int]]
"""Does its work once and returns how many units of it were done."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Microseconds per unit, of CPU and on the wall."""

    cpu: float
    wall: float


Samples = Mapping[str, Sequence[Sample]]


async def take_turns(meter: Meter, repeats: int, variants: Mapping[str, Variant]) -> Samples:
    """Run every variant once to warm up, then `repeats` times, in an order that turns round each time."""
    samples: dict[str, list[Sample]] = {name: [] for name in variants}
    for variant in variants.values():
        await variant()
    for turn in range(repeats):
        for name in list(variants)[:: -1 if turn % 2 else 1]:
            samples[name].append(await sample(meter, variants[name]))
    return samples


async def sample(meter: Meter, variant: Variant) -> Sample:
    """Run a variant once, with the meter's clock and the wall's."""
    gc.collect()  # nobody pays for another's garbage
    began = time.perf_counter()
    meter.start()
    units = await variant()
    cpu = meter.stop()
    return Sample(cpu * 1e6 / units, (time.perf_counter() - began) * 1e6 / units)


def cpu(samples: Sequence[Sample]) -> Spread:
    return Spread.of([sample.cpu for sample in samples])


def ratio(subject: Sequence[Sample], floor: Sequence[Sample]) -> Spread:
    """CPU of the subject as a multiple of the floor's, each pair from the same turn."""
    return Spread.of([one.cpu / other.cpu for one, other in zip(subject, floor, strict=True)])


def rate_ratio(subject: Sequence[Sample], floor: Sequence[Sample]) -> Spread:
    """Units per second of the subject as a multiple of the floor's, each pair from the same turn."""
    return Spread.of([other.wall / one.wall for one, other in zip(subject, floor, strict=True)])
