from typing import Any

import pytest

from awe.domain.contracts import ToolContract
from awe.domain.failures import FailureClass
from awe.domain.rejections import (
    CallStillPossible,
    NoTimeLeft,
    OperationMissing,
    OperationNotOpen,
    OperationOpen,
    OperationOutOfOrder,
    OperationRepeated,
    OperationSettled,
    OutcomeUnresolved,
    RequestChanged,
    StaleAttempt,
    TaskEnded,
    WrongGeneration,
)
from awe.domain.task.calls import fail_operation, start_operation, succeed_operation
from awe.domain.task.events import (
    OperationFailed,
    OperationStarted,
    OperationSucceeded,
    OutcomeUnknown,
    TaskCancelled,
    TaskEvent,
)
from awe.domain.task.operation import OperationStatus, Result
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
    contract,
    did,
    did_not,
    ready,
    retry,
    seen_late,
    started,
)

given = Decider(Task(), evolve).given

HELD = (ready(), claimed())
AGAIN = (retry(), ready(2), claimed(2))
REPORT: dict[str, Any] = {"attempt": 1, "index": 0, "generation": 1}
LOST = did_not(FailureClass.TRANSPORT, definite=False, rule="backoff", retryable=True)
REFUSED = did_not(FailureClass.TOOL_ERROR, definite=True)


def intent(tool: ToolContract = READ, **changes: Any) -> dict[str, Any]:
    return {
        "attempt": 1,
        "index": 0,
        "generation": 1,
        "contract": tool,
        "arguments_digest": ARGUMENTS,
        "arguments": None,
        "now_ms": CALL_UNTIL - 1,
        "call_until_ms": CALL_UNTIL,
        **changes,
    }


def complaint(**changes: Any) -> dict[str, Any]:
    return {
        "attempt": 1,
        "index": 0,
        "generation": 1,
        "failure": FailureClass.TRANSPORT,
        "message": "it broke",
        "now_ms": 0,
        "skew_ms": SKEW,
        **changes,
    }


def test_i21_an_intent_stands_before_the_call_and_says_until_when_it_may_act() -> None:
    tool = PLAIN
    task = (
        given(*HELD)
        .when(start_operation, **intent(tool, arguments={"x": 1}))
        .then(
            OperationStarted(
                attempt=1,
                index=0,
                generation=1,
                tool="tool",
                contract=tool.digest,
                effect=tool.effect,
                repeatable=False,
                arguments_digest=ARGUMENTS,
                arguments={"x": 1},
                call_until_ms=CALL_UNTIL,
            )
        )
    )
    assert task.open_operation == task.operation(0)


def test_a_call_without_time_is_not_begun() -> None:
    given(*HELD).when(start_operation, **intent(now_ms=CALL_UNTIL)).rejected(NoTimeLeft)


@pytest.mark.parametrize("history", [(), (ready(),), (*HELD, retry()), (*HELD, *AGAIN)])
def test_i02_only_the_attempt_that_holds_the_claim_begins_a_call(history: tuple[TaskEvent, ...]) -> None:
    given(*history).when(start_operation, **intent()).rejected(StaleAttempt)


def test_nothing_begins_in_a_task_that_has_ended() -> None:
    given(*HELD, TaskCancelled(attempt=1)).when(start_operation, **intent()).rejected(TaskEnded)


def test_a_task_makes_one_call_at_a_time() -> None:
    given(*HELD, started()).when(start_operation, **intent(index=1)).rejected(OperationOpen)


def test_calls_have_no_gaps() -> None:
    given(*HELD).when(start_operation, **intent(index=1)).rejected(OperationOutOfOrder)
    given(*HELD, started(), did()).when(start_operation, **intent(index=1)).then(started(index=1))


def test_a_call_after_a_definite_failure_may_be_another_one() -> None:
    given(*HELD, started(PLAIN), REFUSED).when(start_operation, **intent(index=1)).then(started(index=1))


def test_i22_nothing_follows_a_write_in_doubt() -> None:
    given(*HELD, started(KEYED), LOST).when(start_operation, **intent(index=1)).rejected(OutcomeUnresolved)


def test_i22_generations_are_counted_from_one() -> None:
    given(*HELD).when(start_operation, **intent(generation=2)).rejected(WrongGeneration)


@pytest.mark.parametrize("generation", [0, 3])
def test_i22_generations_have_no_gaps(generation: int) -> None:
    history = given(*HELD, started(), did())
    history.when(start_operation, **intent(generation=generation)).rejected(WrongGeneration)


@pytest.mark.parametrize("outcome", [did(), REFUSED])
def test_i22_the_generation_rises_once_the_former_outcome_is_known(outcome: TaskEvent) -> None:
    changed = {"generation": 2, "arguments_digest": "f" * 64}
    task = (
        given(*HELD, started(KEYED), outcome)
        .when(start_operation, **intent(KEYED, **changed))
        .then(started(KEYED, generation=2, arguments_digest="f" * 64))
    )
    assert task.operation(0) == task.open_operation


def test_i22_the_generation_does_not_rise_while_the_former_outcome_is_in_doubt() -> None:
    history = given(*HELD, started(KEYED), LOST, *AGAIN)
    history.when(start_operation, **intent(KEYED, attempt=2, generation=2)).rejected(OutcomeUnresolved)


def test_i22_the_generation_of_a_read_rises_at_any_time() -> None:
    given(*HELD, started(), LOST).when(start_operation, **intent(generation=2)).then(started(generation=2))


@pytest.mark.parametrize("tool", [READ, KEYED])
def test_i22_a_call_in_doubt_is_repeated_as_it_was(tool: ToolContract) -> None:
    history = given(*HELD, started(tool), LOST, *AGAIN)
    history.when(start_operation, **intent(tool, attempt=2)).then(started(tool, attempt=2))
    history.when(start_operation, **intent(tool, attempt=2, arguments_digest="f" * 64)).rejected(
        RequestChanged
    )
    other = contract(tool.effect, tool.idempotency).model_copy(update={"version": "2"})
    history.when(start_operation, **intent(other, attempt=2)).rejected(RequestChanged)


def test_i22_a_definite_failure_is_retried_under_the_same_key() -> None:
    not_sent = did_not(FailureClass.TRANSPORT, definite=True)
    history = given(*HELD, started(PLAIN), not_sent, *AGAIN)
    history.when(start_operation, **intent(PLAIN, attempt=2)).then(started(PLAIN, attempt=2))


def test_a_known_result_is_used_and_not_asked_for_again() -> None:
    history = given(*HELD, started(), did(7), *AGAIN)
    history.when(start_operation, **intent(attempt=2)).rejected(OperationSettled)
    operation = history.state.operation(0)
    assert operation is not None
    assert operation.result == Result(7)


def test_an_attempt_does_not_go_round_the_retry_policy() -> None:
    given(*HELD, started(), LOST).when(start_operation, **intent()).rejected(OperationRepeated)


def test_a_call_succeeds_with_its_output() -> None:
    task = given(*HELD, started()).when(succeed_operation, **REPORT, output=7).then(did(7))
    assert task.open_operation is None


def test_a_large_output_is_named_by_its_blob() -> None:
    blob: dict[str, Any] = {**REPORT, "output_blob": "b" * 64}
    given(*HELD, started()).when(succeed_operation, **blob).then(OperationSucceeded(**blob))


@pytest.mark.parametrize(
    ("failure", "retryable", "rule"),
    [(FailureClass.TRANSPORT, True, "backoff"), (FailureClass.TOOL_ERROR, False, "never")],
)
def test_a_failed_call_says_its_class_and_what_the_rule_makes_of_it(
    failure: FailureClass, *, retryable: bool, rule: str
) -> None:
    definite = failure is FailureClass.TOOL_ERROR
    expected = did_not(failure, definite=definite, rule=rule, retryable=retryable)
    given(*HELD, started()).when(fail_operation, **complaint(failure=failure)).then(expected)


def test_a_rule_allows_no_more_than_its_attempts() -> None:
    third = given(ready(3), claimed(3), started(attempt=3))
    third.when(fail_operation, **complaint(attempt=3)).then(
        did_not(FailureClass.TRANSPORT, definite=False, rule="backoff", retryable=False, attempt=3)
    )


def test_a_write_that_was_refused_for_certain_has_failed() -> None:
    refused = given(*HELD, started(PLAIN))
    refused.when(fail_operation, **complaint(failure=FailureClass.TOOL_ERROR)).then(REFUSED)
    task = refused.when(fail_operation, **complaint(sent=False)).then(
        did_not(FailureClass.TRANSPORT, definite=True, rule="backoff", retryable=True)
    )
    operation = task.operation(0)
    assert operation is not None
    assert operation.status is OperationStatus.FAILED


def test_i20_a_write_that_must_not_be_repeated_has_an_unknown_outcome_when_the_answer_was_lost() -> None:
    task = (
        given(*HELD, started(PLAIN))
        .when(fail_operation, **complaint(now_ms=CALL_UNTIL + SKEW))
        .then(
            OutcomeUnknown(
                attempt=1, index=0, generation=1, failure=FailureClass.TRANSPORT, message="it broke"
            )
        )
    )
    assert task.status is TaskStatus.UNKNOWN


def test_i21_a_lost_answer_is_not_judged_while_the_call_may_act() -> None:
    open_call = given(*HELD, started(PLAIN))
    rejection = open_call.when(fail_operation, **complaint(now_ms=CALL_UNTIL + SKEW - 1)).rejected(
        CallStillPossible
    )
    assert rejection.judge_after_ms == CALL_UNTIL + SKEW


def test_i22_one_refusal_does_not_settle_what_an_earlier_call_left_in_doubt() -> None:
    history = (*HELD, started(KEYED), LOST, *AGAIN, started(KEYED, attempt=2))
    refused = OperationFailed(
        attempt=2,
        index=0,
        generation=1,
        failure=FailureClass.RATE_LIMITED,
        message="later",
        definite=True,
        rule="never",
        retryable=False,
    )
    told = given(*history, refused)
    told.when(start_operation, **intent(KEYED, attempt=2, generation=2)).rejected(OutcomeUnresolved)
    late_word = seen_late(failure=FailureClass.TOOL_ERROR)
    given(*history, refused, late_word).when(start_operation, **intent(KEYED, attempt=2, generation=2)).then(
        started(KEYED, attempt=2, generation=2)
    )


def _reports(task_history: tuple[TaskEvent, ...], kind: type[Any], **named: Any) -> None:
    place = {**REPORT, **named}
    history = given(*task_history)
    history.when(succeed_operation, **place).rejected(kind)
    history.when(fail_operation, **complaint(**place)).rejected(kind)


def test_a_result_matches_an_open_operation() -> None:
    _reports(HELD, OperationMissing)
    _reports((*HELD, started()), OperationMissing, index=1)
    _reports((*HELD, started()), OperationMissing, index=-1)
    _reports((*HELD, started()), WrongGeneration, generation=2)
    _reports((*HELD, started(), did()), OperationNotOpen)
    _reports((*HELD, started(), LOST), OperationNotOpen)


def test_i02_a_result_is_taken_from_the_holder_only() -> None:
    _reports((*HELD, started(), retry()), StaleAttempt)
    _reports((*HELD, started(), *AGAIN, started(attempt=2)), StaleAttempt)
