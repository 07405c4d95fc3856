"""A few seeds on every run of the tests; `make simulate` plays as many as one likes."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest
from pydantic import JsonValue

from awe.adapters.expressions import CelExpressions
from awe.adapters.memory import healing
from awe.adapters.memory.derived import Derived
from awe.adapters.memory.entries import Entry
from awe.adapters.memory.folding import fold
from awe.commands.log import Appended, Conflict, Outcome, Position, Unit
from awe.commands.scheduler.answers import Answers
from awe.domain.expressions import Inconclusive, Kind
from awe.domain.plan.environments import CONDITION
from awe.domain.scheduling import completion
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.scheduling.vigil import Vigil
from awe.domain.task.state import TaskStatus
from simulation.coverage import BODY, SERVER, WIRE, Coverage
from simulation.judging import Comparisons
from simulation.ports import SimulatedLog
from simulation.seed import Played, play

SEEDS = range(15)


@cache
def played(seed: int) -> Played:
    return play(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_what_was_promised_holds(seed: int) -> None:
    assert played(seed).problems == []


def test_a_seed_is_the_same_story_each_time() -> None:
    once, again = played(3), play(3)
    assert (once.digest, once.steps, once.seconds) == (again.digest, again.steps, again.seconds)
    assert played(4).digest != once.digest


def test_faults_of_every_kind_happen() -> None:
    coverage = Coverage()
    for seed in SEEDS:
        coverage.add(played(seed).coverage)
    assert {fault for fault, _, _ in coverage.met} == {*WIRE, *BODY, *SERVER}
    assert coverage.events["views compared"] >= len(SEEDS)


def found(rule: str) -> bool:
    """Whether one of the seeds shows that a rule is broken."""
    return any(rule in problem for seed in SEEDS for problem in play(seed).problems)


def test_i05_messages_that_a_healer_forgets_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(entries: Iterable[Entry]) -> Derived:
        return replace(fold(entries), queues={})

    monkeypatch.setattr(healing, "fold", forgetful)
    assert found("(I5)")


def test_i12_a_position_that_runs_ahead_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    move = Answers.move

    def hasty(answers: Answers, folded: Position) -> None:
        vars(answers)["_decided"].clear()
        move(answers, folded)

    monkeypatch.setattr(Answers, "move", hasty)
    assert found("(I12)")


def test_i15_workers_given_up_after_an_outage_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(vigil: Vigil, now: float) -> bool:
        return vigil.watched is not None and vigil.watched <= now

    monkeypatch.setattr(Vigil, "may_declare", impatient)
    assert found("(I15)")


def test_i18_a_run_that_ends_while_a_task_is_claimed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end = completion.may_end

    def blind(schedule: RunSchedule, now_ms: int) -> bool:
        claimed = schedule.by_status[TaskStatus.CLAIMED]
        schedule.by_status[TaskStatus.CLAIMED] = {}
        try:
            return may_end(schedule, now_ms)
        finally:
            schedule.by_status[TaskStatus.CLAIMED] = claimed

    monkeypatch.setattr(completion, "may_end", blind)
    assert found("(I18)")


def test_i20_a_call_without_an_intent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def believing(log: SimulatedLog, unit: Unit) -> Outcome:
        told = await append(log, unit)
        claims = isinstance(told, Conflict) and unit.claims > 0
        return Appended(1, len(unit.events), 1, 0) if claims else told

    append = SimulatedLog.append
    monkeypatch.setattr(SimulatedLog, "append", believing)
    assert found("(I20)")


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("inputs.flag", {"inputs": {"flag": True}}),
        ("inputs.flag", {"inputs": {"flag": False}}),
        ("tasks.t0.n > 3", {"tasks": {"t0": {"n": 4}}}),
        ("tasks.t0.n > 3", {"tasks": {"t0": {"n": 3}}}),
        ("tasks.t0.n > 3", {"tasks": {}}),
        ("output.n < 8", {"output": {"n": 7}}),
        ("output.n < 8", {"output": {"n": 8}}),
    ],
)
def test_conditions_are_judged_as_cel_judges_them(source: str, values: dict[str, JsonValue]) -> None:
    declarations = CONDITION if "output" not in values else (("output", Kind.MAP),)
    given = {name: values.get(name, {}) for name, _ in declarations}
    cel = CelExpressions()
    try:
        meant = cel.evaluate(source, declarations, given)
    finally:
        cel.close()
    said = Comparisons().evaluate(source, declarations, given)
    assert type(said) is type(meant)
    assert isinstance(meant, Inconclusive) or said is meant
