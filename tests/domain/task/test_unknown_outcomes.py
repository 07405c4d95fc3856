"""What a lost worker leaves behind, and what a late word can still change (I20, I21)."""

from typing import Any

import pytest

from awe.domain.contracts import ToolContract
from awe.domain.failures import FailureClass
from awe.domain.rejections import (
    CallStillPossible,
    NotLate,
    OperationMissing,
    StaleAttempt,
    TaskEnded,
    TaskNotFailed,
    TaskNotReady,
    WrongGeneration,
)
from awe.domain.retry import Retry, judge
from awe.domain.task.calls import start_operation
from awe.domain.task.decisions import claim, judge_failure, lose_worker, make_ready
from awe.domain.task.events import (
    OperationObservedLate,
    OutcomeUnknown,
    RetryScheduled,
    TaskCancelled,
    TaskDeadLettered,
    TaskEvent,
    TaskSucceeded,
)
from awe.domain.task.late import observe_late_failure, observe_late_success
from awe.domain.task.operation import Operation, OperationStatus, Result
from awe.domain.task.state import Task, TaskStatus, evolve
from support.decider import Decider
from support.task_events import (
    ARGUMENTS,
    CALL_UNTIL,
    KEYED,
    PLAIN,
    READ,
    SKEW,
    claimed,
    did,
    did_not,
    ready,
    retry,
    seen_late,
    started,
    unknown,
)

given = Decider(Task(), evolve).given

HELD = (ready(), claimed())
AGAIN = (retry(), ready(2), claimed(2))
UNKNOWN = (*HELD, started(PLAIN), unknown())
LEASE_OUT = "the lease of attempt 1 ran out without a report"
OVER = CALL_UNTIL + SKEW
LATE: dict[str, Any] = {"attempt": 1, "index": 0, "generation": 1}
ERROR: dict[str, Any] = {"failure": FailureClass.TOOL_ERROR, "message": "it broke"}


def loss(*, attempt: int = 1, now_ms: int = OVER) -> dict[str, Any]:
    return {"attempt": attempt, "now_ms": now_ms, "skew_ms": SKEW, "identity": "r/t"}


def lost_again(attempt: int | None = 1, failure: FailureClass = FailureClass.WORKER_LOST) -> RetryScheduled:
    verdict = judge(failure, attempt=1, identity="r/t")
    assert isinstance(verdict, Retry)
    message = LEASE_OUT if attempt else "it broke"
    return RetryScheduled(
        attempt=attempt, failure=failure, rule="backoff", message=message, delay_ms=verdict.delay_ms
    )


def operation_of(task: Task) -> Operation:
    operation = task.operation(0)
    assert operation is not None
    return operation


@pytest.mark.parametrize("history", [HELD, (*HELD, started(), did()), (*HELD, started(PLAIN), did())])
def test_a_worker_lost_between_two_calls_is_replaced(history: tuple[TaskEvent, ...]) -> None:
    task = given(*history).when(lose_worker, **loss(now_ms=0)).then(lost_again())
    assert task.status is TaskStatus.WAITING


def test_a_worker_lost_in_a_read_is_replaced_at_once() -> None:
    given(*HELD, started(READ)).when(lose_worker, **loss(now_ms=0)).then(lost_again())


def test_i21_a_worker_lost_in_a_repeatable_write_is_replaced_when_the_call_is_over() -> None:
    writing = given(*HELD, started(KEYED))
    rejection = writing.when(lose_worker, **loss(now_ms=OVER - 1)).rejected(CallStillPossible)
    assert rejection.judge_after_ms == OVER
    task = writing.when(lose_worker, **loss()).then(lost_again())
    assert operation_of(task).status is OperationStatus.UNSETTLED


def test_i20_a_write_that_must_not_be_repeated_is_never_blindly_retried() -> None:
    writing = given(*HELD, started(PLAIN))
    writing.when(lose_worker, **loss(now_ms=OVER - 1)).rejected(CallStillPossible)
    task = writing.when(lose_worker, **loss()).then(
        OutcomeUnknown(attempt=1, index=0, generation=1, failure=FailureClass.WORKER_LOST, message=LEASE_OUT)
    )
    assert task.status is TaskStatus.UNKNOWN


def test_i20_an_unknown_outcome_lets_nothing_begin() -> None:
    given(*UNKNOWN).when(claim, attempt=1, worker="w-2", lease_ms=1).rejected(TaskNotReady)
    given(*UNKNOWN).when(
        start_operation,
        attempt=1,
        index=0,
        generation=1,
        contract=PLAIN,
        arguments_digest=ARGUMENTS,
        arguments=None,
        now_ms=0,
        call_until_ms=1,
    ).rejected(StaleAttempt)


def test_i14_a_worker_is_lost_three_times_at_most() -> None:
    third = (*HELD, retry(), ready(2), claimed(2), retry(2), ready(3), claimed(3))
    given(*third).when(lose_worker, **loss(attempt=3)).then(
        TaskDeadLettered(
            attempt=3,
            failure=FailureClass.WORKER_LOST,
            rule="backoff",
            cause="the lease of attempt 3 ran out without a report",
            attempts=3,
        )
    )


@pytest.mark.parametrize("history", [(ready(),), (*HELD, *AGAIN), UNKNOWN])
def test_i14_only_a_worker_that_holds_the_task_is_lost(history: tuple[TaskEvent, ...]) -> None:
    given(*history).when(lose_worker, **loss()).rejected(StaleAttempt)


def test_i14_no_worker_is_lost_after_the_end() -> None:
    given(*HELD, TaskSucceeded(attempt=1)).when(lose_worker, **loss()).rejected(TaskEnded)


def test_i21_a_late_success_resolves_an_unknown_outcome() -> None:
    task = given(*UNKNOWN).when(observe_late_success, output=7, **LATE).then(seen_late(7))
    assert task.status is TaskStatus.WAITING
    assert operation_of(task).result == Result(7)
    given(*UNKNOWN, seen_late(7)).when(make_ready, plan=1).then(ready(2))


def test_i21_a_late_failure_resolves_an_unknown_outcome_and_is_judged() -> None:
    task = (
        given(*UNKNOWN)
        .when(observe_late_failure, **ERROR, **LATE)
        .then(seen_late(failure=FailureClass.TOOL_ERROR))
    )
    assert task.status is TaskStatus.FAILED
    given(*UNKNOWN, seen_late(failure=FailureClass.TOOL_ERROR)).when(judge_failure, identity="r/t").then(
        TaskDeadLettered(failure=FailureClass.TOOL_ERROR, rule="never", cause="it broke", attempts=1)
    )


def test_i21_a_late_word_that_the_call_was_never_sent_allows_another_attempt() -> None:
    not_sent: dict[str, Any] = {"failure": FailureClass.TRANSPORT, "message": "it broke", "sent": False}
    word = seen_late(failure=FailureClass.TRANSPORT)
    given(*UNKNOWN).when(observe_late_failure, **not_sent, **LATE).then(word)
    given(*UNKNOWN, word).when(judge_failure, identity="r/t").then(lost_again(None, FailureClass.TRANSPORT))


def test_i21_a_late_word_that_tells_nothing_leaves_the_outcome_unknown() -> None:
    word = seen_late(failure=FailureClass.TIMEOUT, definite=False)
    task = (
        given(*UNKNOWN)
        .when(observe_late_failure, failure=FailureClass.TIMEOUT, message="it broke", **LATE)
        .then(word)
    )
    assert task.status is TaskStatus.UNKNOWN
    assert operation_of(task).status is OperationStatus.UNSETTLED


@pytest.mark.parametrize("history", [HELD, UNKNOWN, (*HELD, retry())])
def test_only_the_failure_of_an_unknown_outcome_is_judged_later(history: tuple[TaskEvent, ...]) -> None:
    given(*history).when(judge_failure, identity="r/t").rejected(TaskNotFailed)


def test_nothing_is_judged_after_the_end() -> None:
    given(*UNKNOWN, TaskCancelled()).when(judge_failure, identity="r/t").rejected(TaskEnded)


def test_i21_the_same_late_word_is_recorded_once() -> None:
    history = given(*UNKNOWN, seen_late(7))
    history.when(observe_late_success, output=7, **LATE).nothing()
    history.when(observe_late_failure, **ERROR, **LATE).nothing()


@pytest.mark.parametrize(
    "end", [TaskSucceeded(attempt=2), TaskCancelled(attempt=2), lost_again(2)], ids=lambda end: end.event_name
)
def test_i21_a_late_word_changes_no_finished_result(end: TaskEvent) -> None:
    history = (*HELD, started(KEYED), *AGAIN, started(KEYED, attempt=2), did(7, attempt=2), end)
    before = given(*history).state
    after = given(*history).when(observe_late_success, output=8, **LATE).then(seen_late(8))
    assert after.status is before.status
    assert operation_of(after).result == Result(7)


def test_i21_a_late_word_against_ones_own_report_changes_nothing() -> None:
    refused = did_not(FailureClass.TOOL_ERROR, definite=True)
    task = given(*HELD, started(PLAIN), refused, retry()).when(observe_late_success, **LATE).then(seen_late())
    assert operation_of(task).status is OperationStatus.FAILED


def test_i21_a_late_word_takes_nothing_from_the_attempt_that_holds_the_claim() -> None:
    history = (*HELD, started(KEYED), *AGAIN, started(KEYED, attempt=2))
    task = given(*history).when(observe_late_success, output=7, **LATE).then(seen_late(7))
    assert task.status is TaskStatus.CLAIMED
    assert operation_of(task).status is OperationStatus.OPEN


def test_i21_a_late_success_counts_when_the_repetition_is_lost_too() -> None:
    history = (*HELD, started(KEYED), *AGAIN, started(KEYED, attempt=2), seen_late(7), lost_again(2))
    assert operation_of(given(*history).state).result == Result(7)


@pytest.mark.parametrize("tool", [READ, KEYED])
def test_i21_a_late_success_spares_the_repetition(tool: ToolContract) -> None:
    history = given(*HELD, started(tool), retry())
    task = history.when(observe_late_success, output=7, **LATE).then(seen_late(7))
    assert task.status is TaskStatus.WAITING
    assert operation_of(task).status is OperationStatus.SUCCEEDED


def test_i21_a_late_word_about_a_former_generation_is_only_kept() -> None:
    former = seen_late(7)
    again = started(generation=2, attempt=2, arguments_digest="f" * 64)
    history = (*HELD, started(), *AGAIN, again)
    task = given(*history).when(observe_late_success, output=7, **LATE).then(former)
    assert operation_of(task).in_doubt == {2}
    given(*history, former).when(observe_late_success, output=7, **LATE).nothing()


def test_i21_a_large_late_output_is_named_by_its_blob() -> None:
    late: dict[str, Any] = {**LATE, "output_blob": "b" * 64}
    given(*UNKNOWN).when(observe_late_success, **late).then(OperationObservedLate(**late))


def test_the_holder_reports_in_the_ordinary_way() -> None:
    given(*HELD, started()).when(observe_late_success, **LATE).rejected(NotLate)
    given(*HELD, started()).when(observe_late_failure, **ERROR, **LATE).rejected(NotLate)


@pytest.mark.parametrize(
    ("history", "named", "kind"),
    [
        (UNKNOWN, {"index": 1}, OperationMissing),
        (UNKNOWN, {"attempt": 2}, OperationMissing),
        ((*HELD, started(), retry(), ready(2)), {"attempt": 2}, OperationMissing),
        (UNKNOWN, {"generation": 2}, WrongGeneration),
    ],
)
def test_nobody_saw_what_was_never_begun(
    history: tuple[TaskEvent, ...], named: dict[str, Any], kind: type[Any]
) -> None:
    given(*history).when(observe_late_success, **{**LATE, **named}).rejected(kind)
