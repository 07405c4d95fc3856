"""Sends what a scheduler decides, and hears what became of it.

Every unit expects the scheduler's position (I12), so nothing decided by a scheduler that another one has replaced, or
from events that were lost, is appended. The position moves only behind what was answered: an answer that shows a
decision obsolete counts, one that is still out does not.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple

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
from awe.domain.codec import Undecodable
from awe.domain.fold import fold
from awe.domain.identifiers import RunId
from awe.domain.run.events import RunEvent, restricts
from awe.domain.run.state import Run, evolve

REACTOR = "scheduler"


class Replaced(Exception):  # noqa: N818 (named for the fact)
    """The scheduler's position is not what it was left at: another one moved it, or a loss took it back."""


class Decision(NamedTuple):
    """What is to be appended to one aggregate of a run, and what it was decided from."""

    run: RunId
    expects: tuple[Expect, ...]
    events: Sequence[NewEvent]
    guard: Guard | None = None
    control: str | None = None
    claims: int = 0
    admission: Admission = Admission.REPORT


class _Sent(NamedTuple):
    """A decision that is not answered yet: of which run, folded how far, and who hears the outcome."""

    run: RunId
    decided: int
    tell: Callable[[Outcome], None]


class Answers:
    """One scheduler's appends and what it does beside; a fault in one ends the term, unless it concerns one run alone.

    `heard` is set when something came of them that asks for another look: an append that succeeded is read in the log.
    """

    def __init__(self, log: EventLog, ids: AppendIds, broken: Callable[[RunId, BaseException], None]) -> None:
        """``broken`` hears of a fault in what was done for one run."""
        self._log = log
        self._ids = ids
        self._tasks: set[asyncio.Task[None]] = set()
        self._decided: Counter[int] = Counter()
        self._sent: dict[asyncio.Future[Outcome], _Sent] = {}
        self._stand = Advance(REACTOR, Position(0, 0), Position(0, 0))
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
        self._stand_at(Position(max(found.n, folded.n), folded.epoch))
        if folded.n > found.n:
            unit = Unit(self._ids.new(), "-", advance=Advance(REACTOR, folded, found))
            if not isinstance(await self._log.append(unit), Appended):
                raise Replaced("another scheduler began at the same time")

    def send(self, decision: Decision, folded: Position, tell: Callable[[Outcome], None]) -> str:
        """Append a decision made at ``folded``; ``tell`` hears the outcome. Returns the append's id."""
        unit = Unit(
            self._ids.new(),
            decision.run,
            decision.events,
            decision.expects,
            decision.guard,
            advance=self._stand,
            control=decision.control,
            claims=decision.claims,
            admission=decision.admission,
        )
        sent = asyncio.ensure_future(self._log.append(unit))
        self._decided[folded.n] += 1
        self._sent[sent] = _Sent(decision.run, folded.n, tell)
        sent.add_done_callback(self._answered)
        return unit.id

    def move(self, folded: Position) -> None:
        """Move the position behind what was answered, as far as it was folded."""
        settled = min((n for n in self._decided), default=folded.n)
        if settled <= self._stand.to.n or folded.epoch == 0:
            return
        to = Position(settled, folded.epoch)
        unit = Unit(self._ids.new(), "-", advance=Advance(REACTOR, to, self._stand.to))
        self._stand_at(to)
        self.spawn(self._moved(unit))

    @property
    def runs_out(self) -> frozenset[RunId]:
        """The runs about which something decided is not answered yet."""
        return frozenset([sent.run for sent in self._sent.values()])

    def spawn(self, work: Coroutine[Any, Any, None], run: RunId | None = None) -> None:
        """Run something owned by this scheduler; a fault in what is done for a `run` is that run's alone."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, run))

    async def aclose(self) -> None:
        """Leave what is out to the log, which carries it to its end."""
        owned: list[asyncio.Future[Any]] = [*self._tasks, *self._sent]
        for each in owned:
            each.cancel()
        if owned:
            await asyncio.gather(*owned, return_exceptions=True)

    def check(self) -> None:
        """Raise what went wrong in the background."""
        if self.fault is not None:
            raise self.fault

    def blame(self, run: RunId, error: BaseException) -> None:
        """A fault met what was done for a run: tell it when it is that run's alone, else raise it."""
        if not concerns_one_run(error):
            raise error
        self._broken(run, error)

    def _answered(self, answer: asyncio.Future[Outcome]) -> None:
        sent = self._sent.pop(answer)
        if answer.cancelled():
            return
        error = answer.exception()
        if error is not None:
            self._failed(sent.run, error)
            return
        outcome = answer.result()
        self._decided[sent.decided] -= 1
        if not self._decided[sent.decided]:
            del self._decided[sent.decided]
        if isinstance(outcome, Misplaced):
            self.spawn(self._misplaced(sent, outcome), sent.run)
            return
        try:
            sent.tell(outcome)
        except Exception as fault:  # noqa: BLE001 (judged there)
            self._failed(sent.run, fault)
        if not isinstance(outcome, Appended):
            self.heard.set()

    async def _misplaced(self, sent: _Sent, outcome: Misplaced) -> None:
        await self._look()
        sent.tell(outcome)

    async def _moved(self, unit: Unit) -> None:
        if isinstance(await self._log.append(unit), Misplaced):
            await self._look()

    async def _look(self) -> None:
        """A unit was misplaced: in a new epoch that is soon seen in the log, else somebody else moved the position."""
        found = await self._log.reactor_position(REACTOR)
        if found.n != self._stand.to.n:
            raise Replaced(f"the scheduler stands at {found.n}, not at {self._stand.to.n}")

    def _stand_at(self, here: Position) -> None:
        """Each unit expects the position and leaves it where it is."""
        self._stand = Advance(REACTOR, here, here)

    def _done(self, run: RunId | None, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed(run, error)
        self.heard.set()

    def _failed(self, run: RunId | None, error: BaseException) -> None:
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
