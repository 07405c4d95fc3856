"""What a scheduler sends, and what it hears of it: beside the stories, which see only what came of it."""

import asyncio
from typing import Any, cast

import pytest

from awe.commands.append_ids import AppendIds
from awe.commands.log import (
    Appended,
    Conflict,
    EventLog,
    Expect,
    LogCorrupt,
    Misplaced,
    Outcome,
    Position,
    Unit,
)
from awe.commands.scheduler.answers import Answers, Decision, Replaced
from awe.domain.identifiers import RunId

RUN = RunId("r")
HERE = Position(3, 1)
DONE = Appended(4, 1, 1, 0)


class Log:
    """Gives out futures, as a log that has nothing to wait for itself may."""

    def __init__(self) -> None:
        self.sent: list[tuple[Unit, asyncio.Future[Outcome]]] = []
        self.stands = Position(0, 1)

    def append(self, unit: Unit) -> asyncio.Future[Outcome]:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.sent.append((unit, answer))
        return answer

    async def reactor_position(self, reactor: str) -> Position:
        del reactor
        return self.stands


class Slow(Log):
    """Its append is a coroutine."""

    async def append(self, unit: Unit) -> Outcome:  # type: ignore[override]  # the other form
        return await super().append(unit)


class Desk:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.told: list[Outcome] = []
        self.broken: list[tuple[RunId, BaseException]] = []
        self.answers = Answers(cast("EventLog", log), AppendIds(b"nine bytes"), self._break)

    def _break(self, run: RunId, error: BaseException) -> None:
        self.broken.append((run, error))

    async def send(self, tell: Any = None) -> asyncio.Future[Outcome]:
        self.answers.send(Decision(RUN, (Expect("run", 1, "a"),), ()), HERE, tell or self.told.append)
        await asyncio.sleep(0)
        return self.log.sent[-1][1]


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture(params=[Log, Slow])
def desk(request: pytest.FixtureRequest) -> Desk:
    return Desk(request.param())


async def test_an_append_that_succeeded_asks_for_no_other_look(desk: Desk) -> None:
    answer = await desk.send()
    assert desk.answers.runs_out == {RUN}
    answer.set_result(DONE)
    await _turns()
    assert (desk.told, desk.answers.runs_out, desk.answers.heard.is_set()) == ([DONE], frozenset(), False)


async def test_one_that_was_refused_does(desk: Desk) -> None:
    refused = Conflict("run", 2, "b")
    (await desk.send()).set_result(refused)
    await _turns()
    assert (desk.told, desk.answers.heard.is_set()) == ([refused], True)


async def test_i12_the_position_stays_before_what_is_not_answered(desk: Desk) -> None:
    answer = await desk.send()
    desk.answers.move(Position(9, 1))
    await _turns()
    assert desk.log.sent[-1][0].advance.to == HERE  # type: ignore[union-attr]  # it moves
    answer.set_result(DONE)
    await _turns()
    desk.answers.move(Position(9, 1))
    await _turns()
    assert desk.log.sent[-1][0].advance.to == Position(9, 1)  # type: ignore[union-attr]  # likewise


async def test_a_fault_of_the_log_ends_the_term_and_one_of_a_run_does_not(desk: Desk) -> None:
    own = ZeroDivisionError()
    (await desk.send()).set_exception(own)
    await _turns()
    desk.answers.check()
    assert desk.broken == [(RUN, own)]
    (await desk.send()).set_exception(LogCorrupt("halted"))
    await _turns()
    with pytest.raises(LogCorrupt):
        desk.answers.check()


async def test_a_fault_in_hearing_an_outcome_is_heard(desk: Desk) -> None:
    def tell(outcome: Outcome) -> None:
        raise KeyError(outcome)

    (await desk.send(tell)).set_result(DONE)
    await _turns()
    assert [run for run, _ in desk.broken] == [RUN]
    assert desk.answers.heard.is_set()


async def test_i12_a_misplaced_unit_is_told_of_only_in_a_new_epoch(desk: Desk) -> None:
    misplaced = Misplaced("scheduler", Position(0, 1), 2)
    (await desk.send()).set_result(misplaced)
    await _turns()
    assert desk.told == [misplaced]
    desk.log.stands = Position(7, 1)
    (await desk.send()).set_result(misplaced)
    await _turns()
    assert desk.told == [misplaced]
    with pytest.raises(Replaced, match="stands at 7"):
        desk.answers.check()


async def test_what_is_out_at_the_end_is_left_to_the_log(desk: Desk) -> None:
    await desk.send()
    await desk.answers.aclose()
    await _turns()
    assert (desk.told, desk.broken, desk.answers.runs_out) == ([], [], frozenset())
