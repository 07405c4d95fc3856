"""Drives a workload to its end and sees that it was done: every run succeeded, and the log holds what that takes.

The client is part of what is measured: it submits, and follows the log until its runs have ended.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.log import RedisEventLog
from awe.commands.log import Page, Position, RecordedEvent
from awe.commands.messages import SubmitGoal
from awe.commands.planning.request import fit_for_an_event
from awe.domain.events import Json
from awe.domain.run.events import RunCancelled, RunFailed, RunSucceeded
from awe.projections.queries import standing
from benchmarks.engine.installation import Installation
from benchmarks.engine.plans import INPUTS
from benchmarks.engine.workloads import Workload

EVENTS_OF_STEP = 5
"""Ready, claimed, started, returned, succeeded."""
EVENTS_OF_RUN = 4 + EVENTS_OF_STEP
"""Submitted, proposed, accepted, succeeded; and those of planning, which is a task."""

PATIENCE_S = 300.0
_LOOK_S = 0.02

_UNWANTED = frozenset({RunFailed.event_type, RunCancelled.event_type})


@dataclass(frozen=True, slots=True)
class Driven:
    """`wall_s` until the last run had ended, `taken_s` of each run from before its goal was sent."""

    steps: int
    wall_s: float
    taken_s: Sequence[float]


class Client:
    """Drives workloads at an installation, one after the other."""

    def __init__(self, at: Installation, ends: "_Ends", looking: OwnedConnection) -> None:
        self._at = at
        self._ends = ends
        self._looking = looking

    async def drive(self, load: Workload) -> Driven:
        """Do a workload; RuntimeError when anything of it was not done."""
        logs = list(self._at.store.logs.values())
        before = await _events(logs)
        goal = await _goal(self._at, load)
        left = repeat(None, load.runs)
        taken: list[float] = []
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            for _ in range(load.in_flight):
                group.create_task(self._one_after_another(goal, left, taken))
        wall_s = time.perf_counter() - began
        grown = await _events(logs) - before
        expected = load.runs * (EVENTS_OF_RUN + EVENTS_OF_STEP * load.steps)
        if grown != expected:
            raise RuntimeError(f"{load.plan['name']}: {grown} events more in the log, not {expected}")
        async with asyncio.timeout(PATIENCE_S):  # what was put off is paid for, too
            await _archived(self._at)
            await _projected(self._looking)
        return Driven(load.runs * load.steps, wall_s, taken)

    async def _one_after_another(self, goal: SubmitGoal, left: Iterator[None], taken: list[float]) -> None:
        for _ in left:
            began = time.perf_counter()
            await self._ends.of((await self._at.store.runs.submit(goal)).run)
            taken.append(time.perf_counter() - began)


@asynccontextmanager
async def client(at: Installation) -> AsyncGenerator[Client]:
    """Follow every partition as long as the block lasts."""
    ends, looking = _Ends(), OwnedConnection(at.store.servers.postgres_url, "benchmark")
    try:
        async with asyncio.TaskGroup() as group:
            followers = [
                group.create_task(ends.follow(log, await log.head())) for log in at.store.logs.values()
            ]
            yield Client(at, ends, looking)
            for follower in followers:
                follower.cancel()
    finally:
        await looking.aclose()


class _Ends:
    """Who waits for the end of which run; a run may end before anybody asks."""

    def __init__(self) -> None:
        self._known: dict[str, asyncio.Future[None]] = {}

    async def of(self, run: str) -> None:
        await self._future(run)
        del self._known[run]

    async def follow(self, log: RedisEventLog, after: Position) -> None:
        async for found in log.follow(after):
            if not isinstance(found, Page):
                raise RuntimeError(f"the log lost events: {found}")  # noqa: TRY004 (an answer, no type error)
            for event in found.events:
                self._take(event)

    def _take(self, event: RecordedEvent) -> None:
        if event.type == RunSucceeded.event_type:
            self._future(event.run).set_result(None)
        elif event.type in _UNWANTED:
            self._future(event.run).set_exception(RuntimeError(f"{event.type}: {event.body.decode()}"))

    def _future(self, run: str) -> asyncio.Future[None]:
        known = self._known.get(run)
        if known is None:
            known = self._known[run] = asyncio.get_running_loop().create_future()
        return known


async def _goal(at: Installation, load: Workload) -> SubmitGoal:
    given: dict[str, Json] = {"planner": "given", "plan": load.plan}
    planning = await fit_for_an_event(given, at.kit.blobs)
    inputs: dict[str, Any] = INPUTS
    goal = load.plan["goal"]
    return SubmitGoal(actor="benchmark", goal=goal, inputs=inputs, planning=planning, queue=at.queue)


async def _events(logs: Sequence[RedisEventLog]) -> int:
    return sum([(await log.head()).n for log in logs])


async def _archived(at: Installation) -> None:
    """Wait until all is archived."""
    for partition in at.store.logs:
        meta = Keys(partition).meta
        while True:
            head, archived = await at.store.client.execute_command("HMGET", meta, "n", "archived")
            if int(archived or 0) >= int(head):
                break
            await asyncio.sleep(_LOOK_S)


async def _projected(looking: OwnedConnection) -> None:
    """Wait until every read model holds all that is archived; RuntimeError when one of them cannot."""
    while True:
        async with looking.connection() as connection:
            versions = await standing.versions(connection)
        if broken := [each.name for each in versions if each.stopped or each.parked]:
            raise RuntimeError(f"read models that do not hold all events: {', '.join(broken)}")
        if all(at.n >= at.head for each in versions for at in each.partitions):
            break
        await asyncio.sleep(_LOOK_S)
