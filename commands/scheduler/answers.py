"""Sends what a scheduler decides, and hears what became of it.

Every unit expects the scheduler's position (I12), so nothing decided by a scheduler that another one has replaced, or
from events that were lost, is appended. The position moves only behind what was answered: an answer that shows a
decision obsolete counts, one that is still out does not.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from awe.commands.append_ids import AppendIds
from awe.commands.log import (
    Admission,
    Advance,
    Appended,
    EventLog,
    Expect,
    Guard,
    LogError,
    Misplaced,
    NewEvent,
    Outcome,
    Position,
    Unit,
)
from awe.commands.scheduler.bodies import Body
from awe.domain.codec import Undecodable
from awe.domain.fold import fold
from awe.domain.identifiers import RunId
from awe.domain.run.events import RunEvent, restricts
from awe.domain.run.state import Run, evolve

REACTOR = "scheduler"


class Replaced(Exception):  # noqa: N818 (named for the fact)
    """The scheduler's position is not what it was left at: another one moved it, or a loss took it back."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be appended to one aggregate of a run, and what it was decided from."""

    run: str
    aggregate: str
    version: int
    append_id: str
    bodies: Sequence[Body]
    guard: Guard | None = None
    queue: str = ""
    control: str | None = None
    claims: int = 0
    admission: Admission = Admission.REPORT


class Answers:
    """One scheduler's appends, each an owned task; a fault in one ends the term, unless it concerns one run alone."""

    def __init__(self, log: EventLog, ids: AppendIds, broken: Callable[[RunId, BaseException], None]) -> None:
        """``broken`` hears of a fault in what was done for one run."""
        self._log = log
        self._ids = ids
        self._tasks: set[asyncio.Task[None]] = set()
        self._decided: Counter[int] = Counter()
        self._out: Counter[str] = Counter()
        self.position = Position(0, 0)
        self.fault: BaseException | None = None
        self._broken = broken
        self.heard = asyncio.Event()

    async def resume(self, folded: Position) -> None:
        """Learn where the scheduler stands, and move it up to what was folded.

        What an earlier term or a replaced scheduler decided and did not get into the log is refused from then on: it
        rests on less than this term knows, and this term decides it anew (I12, I18).

        Raises:
            Replaced: another one moved it.
        """
        found = await self._log.reactor_position(REACTOR)
        self.position = Position(max(found.n, folded.n), folded.epoch)
        if folded.n > found.n:
            unit = Unit(self._ids.new(), "-", advance=Advance(REACTOR, folded, found))
            if not isinstance(await self._log.append(unit), Appended):
                raise Replaced("another scheduler began at the same time")

    def send(self, decision: Decision, folded: Position, tell: Callable[[Outcome], None]) -> None:
        """Append a decision made at ``folded``; ``tell`` hears the outcome."""
        events = tuple(
            NewEvent(decision.aggregate, body.type, body.data, decision.queue) for body in decision.bodies
        )
        unit = Unit(
            self._ids.new(),
            decision.run,
            events,
            (Expect(decision.aggregate, decision.version, decision.append_id),),
            decision.guard,
            advance=self._here(folded.epoch),
            control=decision.control,
            claims=decision.claims,
            admission=decision.admission,
        )
        self._decided[folded.n] += 1
        self._out[decision.run] += 1
        self.spawn(self._carry(unit, folded.n, tell), RunId(decision.run))

    def move(self, folded: Position) -> None:
        """Move the position behind what was answered, as far as it was folded."""
        settled = min((n for n in self._decided), default=folded.n)
        if settled <= self.position.n or folded.epoch == 0:
            return
        to = Position(settled, folded.epoch)
        unit = Unit(self._ids.new(), "-", advance=Advance(REACTOR, to, self.position))
        self.position = to
        self.spawn(self._moved(unit))

    def is_out(self, run: str) -> bool:
        """Whether something decided about the run is not answered yet."""
        return run in self._out

    def spawn(self, work: Coroutine[Any, Any, None], run: RunId | None = None) -> None:
        """Run something owned by this scheduler; a fault in what is done for a `run` is that run's alone."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, run))

    async def aclose(self) -> None:
        """Leave what is out to the log, which carries it to its end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def check(self) -> None:
        """Raise what went wrong in the background."""
        if self.fault is not None:
            raise self.fault

    async def _carry(self, unit: Unit, decided: int, tell: Callable[[Outcome], None]) -> None:
        outcome = await self._log.append(unit)
        self._decided[decided] -= 1
        if not self._decided[decided]:
            del self._decided[decided]
        if isinstance(outcome, Misplaced):
            await self._look()
        self._out[unit.run] -= 1
        if not self._out[unit.run]:
            del self._out[unit.run]
        tell(outcome)

    async def _moved(self, unit: Unit) -> None:
        if isinstance(await self._log.append(unit), Misplaced):
            await self._look()

    async def _look(self) -> None:
        """A unit was misplaced: in a new epoch that is soon seen in the log, else somebody else moved the position."""
        found = await self._log.reactor_position(REACTOR)
        if found.n != self.position.n:
            raise Replaced(f"the scheduler stands at {found.n}, not at {self.position.n}")

    def _here(self, epoch: int) -> Advance:
        here = Position(self.position.n, epoch)
        return Advance(REACTOR, here, here)

    def _done(self, run: RunId | None, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            if run is not None and concerns_one_run(error):
                self._broken(run, error)
            elif self.fault is None:
                self.fault = error
        self.heard.set()


def concerns_one_run(error: BaseException) -> bool:
    """Whether a fault says something of the run it met, and not of the log, the disk or the scheduler's office."""
    return isinstance(error, Exception) and not isinstance(error, Replaced | LogError | Undecodable | OSError)


def control_after(state: Run, events: Sequence[RunEvent]) -> str | None:
    """The control state that these events leave, if one of them restricts the run."""
    if not any(restricts(event) for event in events):
        return None
    return fold(state, evolve, events).status.value
