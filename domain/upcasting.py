"""Events written by earlier releases are read as if today's release had written them.

A step takes the data of one schema version to the next, as plain JSON data in and out; an old body passes through
every step from its own version on. So each change of an event's fields needs one step, written once and never
touched again, and only today's fields are known elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Data = dict[str, Any]
Step = Callable[[Data], Data]
Steps = Mapping[tuple[str, int], Step]


def _unchanged(data: Data) -> Data:
    """The later version only has further fields, which may be left out."""
    return data


STEPS: Steps = {
    ("awe.run.goal_submitted", 1): _unchanged,
    ("awe.run.plan_accepted", 1): _unchanged,
    ("awe.task.operation_succeeded", 1): _unchanged,
    ("awe.task.operation_observed_late", 1): _unchanged,
}
"""(event name, version that the step starts from) -> the step to the version after it."""


def upcast(data: Data, steps: Sequence[Step]) -> Data:
    for step in steps:
        data = step(data)
    return data


def chain(name: str, version: int, current: int, steps: Steps) -> tuple[Step, ...]:
    """The steps from `version` to `current`; raises ValueError when one is missing."""
    missing = [start for start in range(version, current) if (name, start) not in steps]
    if missing:
        raise ValueError(f"{name} has no upcasting step from version {missing[0]}; write one")
    return tuple(steps[name, start] for start in range(version, current))
