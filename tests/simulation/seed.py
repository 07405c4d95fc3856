"""Plays one seed: a storm, then calm until everything has ended, then a close look."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from awe.commands.log import RecordedEvent
from simulation import aftermath
from simulation.coverage import Coverage
from simulation.goals import goal
from simulation.process import Process
from simulation.programs import Installation
from simulation.storm import CREW, Storm, keep
from simulation.world import World, build

_LONGEST_S: Final = 500.0
"""How long after the last fault everything has ended at the latest: the longest call, thrice, with its retries."""
_REST_S: Final = 12.0


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a seed; two runs of one seed have the same `digest`."""

    seed: int
    problems: list[str]
    coverage: Coverage
    digest: str
    events: int
    steps: int
    seconds: float
    log: Sequence[RecordedEvent]
    """What the fullest partition holds in the end."""


def play(seed: int, tell: Callable[[str], None] | None = None) -> Played:
    """Play a seed from its first event to rest; `tell` hears everything that happens in it."""
    world = build(seed)
    world.audit.tell = tell
    heard = _Heard(world)
    logger = logging.getLogger("awe")
    logger.addHandler(heard)
    propagates, logger.propagate = logger.propagate, False
    try:
        world.loop.play(_story(world))
    except Exception as fault:  # noqa: BLE001 (a seed that cannot be played is a problem too)
        world.audit.wrong(f"the seed broke off: {fault!r}")
    finally:
        logger.removeHandler(heard)
        logger.propagate = propagates
        world.loop.close()
    problems = world.audit.problems + world.loop.faults
    fullest = max(map(world.server.partition, world.partitions), key=lambda each: each.n)
    return Played(
        seed,
        problems,
        world.coverage,
        _digest(world),
        _events(world),
        world.loop.steps,
        world.loop.time(),
        [entry.event for entry in fullest.entries()],
    )


async def _story(world: World) -> None:
    dice, settings = world.dice("goals"), world.settings
    goals = [
        goal(dice, f"g{number}", settings.storm_s, careful=settings.lossy) for number in range(settings.runs)
    ]
    installation = Installation(world, goals)
    for role, number in CREW.items():
        for _ in range(number):
            installation.start(role)
    world.loop.start(keep(installation), None)
    storm = Storm(installation)
    await storm.blow()
    await storm.calm()
    await _end(world, installation)


async def _end(world: World, installation: Installation) -> None:
    """Wait until every run has ended; what waits for a person only is cancelled."""
    until_s = world.loop.time() + _LONGEST_S
    installation.submitted.clear()  # a lossy server may have lost what was acknowledged
    installation.start("client")
    person = Process("person", "client")
    while (left := aftermath.unfinished(installation)) and not world.audit.problems:
        if world.loop.time() > until_s:
            world.audit.wrong(f"{_LONGEST_S:.0f} s after the last fault {left} have not ended")
            return
        await asyncio.sleep(2.0)
        waiting = aftermath.waiting_for_people(installation)
        for each in installation.goals:
            if each.name in waiting and each.name not in installation.given_up:
                world.loop.start(installation.give_up(each, person), person)
    await asyncio.sleep(_REST_S)
    if not world.audit.problems:
        aftermath.check(installation)


def _digest(world: World) -> str:
    said = hashlib.sha256()
    for name in world.partitions:
        for entry in world.server.partition(name).entries():
            said.update(repr(entry).encode())
    return said.hexdigest()[:16]


def _events(world: World) -> int:
    return sum(world.server.partition(name).n for name in world.partitions)


class _Heard(logging.Handler):
    """What the engine itself calls an error is a problem."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[1] if record.exc_info else None
        self._world.audit.wrong(f"logged: {record.getMessage()}{f' ({fault!r})' if fault else ''}")
