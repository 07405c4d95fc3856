from typing import Any

import pytest

from awe.domain.failures import FailureClass
from awe.domain.rejections import (
    ClaimHeld,
    OperationOpen,
    OutcomeUnresolved,
    StaleAttempt,
    TaskEnded,
    TaskExists,
    TaskMissing,
    TaskNotReady,
    TaskNotWaiting,
)
from awe.domain.retry import judge
from awe.domain.task.decisions import cancel, claim, fail, give_up, make_ready, skip, succeed
from awe.domain.task.events import (
    RetryScheduled,
    TaskCancelled,
    TaskClaimed,
    TaskDeadLettered,
    TaskEvent,
    TaskReady,
    TaskSkipped,
    TaskSucceeded,
    claims_delta,
)
from awe.domain.task.state import Task, TaskStatus, evolve
from support.decider import Decider
from support.task_events import KEYED, PLAIN, claimed, did, did_not, ready, retry, seen_late, started, unknown

given = Decider(Task(), evolve).given

CLAIM: dict[str, Any] = {"worker": "w-1", "lease_ms": 30_000}
BROKEN: dict[str, Any] = {"failure": FailureClass.TRANSPORT, "message": "it broke", "identity": "r/t"}
GIVE_UP: dict[str, Any] = {"failure": FailureClass.DEADLINE_EXCEEDED, "rule": "deadline", "cause": "too late"}
DEAD = TaskDeadLettered(attempt=1, failure=FailureClass.TOOL_ERROR, rule="never", cause="no", attempts=1)
HELD = (ready(), claimed())
ENDED: list[tuple[TaskEvent, ...]] = [
    (TaskSkipped(reason="not needed"),),
    (*HELD, TaskSucceeded(attempt=1)),
    (*HELD, DEAD),
    (*HELD, TaskCancelled(attempt=1)),
]


def test_a_new_task_is_offered_with_all_that_a_worker_needs() -> None:
    task = given().when(make_ready, plan=2, work={"x": 1}).then(TaskReady(attempt=1, plan=2, work={"x": 1}))
    assert task == Task(TaskStatus.READY, attempt=1)


def test_large_work_is_named_by_its_blob() -> None:
    given().when(make_ready, plan=1, work_blob="b" * 64).then(
        TaskReady(attempt=1, plan=1, work_blob="b" * 64)
    )


def test_a_task_whose_retry_is_due_is_offered_for_its_next_attempt() -> None:
    given(*HELD, retry()).when(make_ready, plan=1).then(ready(2))


@pytest.mark.parametrize("history", [(ready(),), HELD, (*HELD, started(PLAIN), unknown())])
def test_a_task_is_offered_only_when_it_waits_for_that(history: tuple[TaskEvent, ...]) -> None:
    given(*history).when(make_ready, plan=1).rejected(TaskNotWaiting)


def test_a_task_that_never_began_is_skipped() -> None:
    task = given().when(skip, reason="not needed").then(TaskSkipped(reason="not needed"))
    assert task.status is TaskStatus.SKIPPED


def test_a_task_that_began_is_not_skipped() -> None:
    given(ready()).when(skip, reason="not needed").rejected(TaskExists)


def test_an_offered_task_is_claimed() -> None:
    task = (
        given(ready())
        .when(claim, attempt=1, **CLAIM)
        .then(TaskClaimed(attempt=1, worker="w-1", lease_ms=30_000))
    )
    assert task.status is TaskStatus.CLAIMED


def test_i14_a_task_is_claimed_once_per_offer() -> None:
    given(*HELD).when(claim, attempt=1, **CLAIM).rejected(TaskNotReady)
    given(*HELD, retry()).when(claim, attempt=1, **CLAIM).rejected(TaskNotReady)


def test_i14_an_old_offer_is_recognised() -> None:
    given(*HELD, retry(), ready(2)).when(claim, attempt=1, **CLAIM).rejected(StaleAttempt)
    given(*HELD, retry(), ready(2), claimed(2)).when(claim, attempt=1, **CLAIM).rejected(StaleAttempt)


def test_the_holder_ends_the_task_with_its_output() -> None:
    task = (
        given(*HELD, started(), did(7))
        .when(succeed, attempt=1, output=7)
        .then(TaskSucceeded(attempt=1, output=7))
    )
    assert task.status is TaskStatus.SUCCEEDED


def test_a_task_does_not_succeed_with_an_operation_under_way() -> None:
    given(*HELD, started()).when(succeed, attempt=1).rejected(OperationOpen)


def test_i22_a_task_does_not_succeed_with_a_write_in_doubt() -> None:
    broken = did_not(FailureClass.TRANSPORT, definite=False)
    given(*HELD, started(KEYED), broken).when(succeed, attempt=1).rejected(OutcomeUnresolved)


def test_an_abandoned_read_is_in_nobodys_way() -> None:
    broken = did_not(FailureClass.TRANSPORT, definite=False)
    given(*HELD, started(), broken).when(succeed, attempt=1).then(TaskSucceeded(attempt=1))


def test_a_failure_that_passes_is_retried_later() -> None:
    verdict = judge(FailureClass.TRANSPORT, attempt=1, identity="r/t")
    task = (
        given(*HELD)
        .when(fail, attempt=1, **BROKEN)
        .then(
            RetryScheduled(
                attempt=1,
                failure=FailureClass.TRANSPORT,
                rule="backoff",
                message="it broke",
                delay_ms=getattr(verdict, "delay_ms", -1),
            )
        )
    )
    assert task.status is TaskStatus.WAITING


def test_the_third_attempt_is_the_last() -> None:
    third = (*HELD, retry(), ready(2), claimed(2), retry(2), ready(3), claimed(3))
    task = (
        given(*third)
        .when(fail, attempt=3, **BROKEN)
        .then(
            TaskDeadLettered(
                attempt=3, failure=FailureClass.TRANSPORT, rule="backoff", cause="it broke", attempts=3
            )
        )
    )
    assert task.status is TaskStatus.DEAD_LETTERED


def test_a_failure_that_stays_makes_a_dead_letter() -> None:
    given(*HELD).when(
        fail, attempt=1, failure=FailureClass.ACCEPTANCE_FAILED, message="no", identity="r/t"
    ).then(
        TaskDeadLettered(
            attempt=1, failure=FailureClass.ACCEPTANCE_FAILED, rule="never", cause="no", attempts=1
        )
    )


def test_an_attempt_does_not_end_with_an_operation_under_way() -> None:
    given(*HELD, started()).when(fail, attempt=1, **BROKEN).rejected(OperationOpen)


@pytest.mark.parametrize(
    "history", [(), (ready(),), (*HELD, retry()), (*HELD, retry(), ready(2), claimed(2))]
)
def test_i02_only_the_attempt_that_holds_the_claim_reports(history: tuple[TaskEvent, ...]) -> None:
    given(*history).when(succeed, attempt=1).rejected(StaleAttempt)
    given(*history).when(fail, attempt=1, **BROKEN).rejected(StaleAttempt)


@pytest.mark.parametrize("history", ENDED)
def test_what_has_ended_stays_ended(history: tuple[TaskEvent, ...]) -> None:
    ended = given(*history)
    ended.when(make_ready, plan=1).rejected(TaskEnded)
    ended.when(skip, reason="r").rejected(TaskEnded)
    ended.when(claim, attempt=1, **CLAIM).rejected(TaskEnded)
    ended.when(succeed, attempt=1).rejected(TaskEnded)
    ended.when(fail, attempt=1, **BROKEN).rejected(TaskEnded)
    ended.when(give_up, **GIVE_UP).rejected(TaskEnded)
    ended.when(cancel).rejected(TaskEnded)


@pytest.mark.parametrize(
    ("history", "attempts"),
    [
        ((), 0),
        ((ready(),), 0),
        ((*HELD, retry()), 1),
        ((*HELD, retry(), ready(2)), 1),
        ((*HELD, started(PLAIN), unknown(), seen_late(failure=FailureClass.TOOL_ERROR)), 1),
    ],
)
def test_a_task_that_nobody_holds_is_given_up(history: tuple[TaskEvent, ...], attempts: int) -> None:
    given(*history).when(give_up, **GIVE_UP).then(
        TaskDeadLettered(
            failure=FailureClass.DEADLINE_EXCEEDED, rule="deadline", cause="too late", attempts=attempts
        )
    )


def test_a_task_that_somebody_holds_is_not_given_up() -> None:
    given(*HELD).when(give_up, **GIVE_UP).rejected(ClaimHeld)


def test_a_task_with_an_unknown_outcome_is_not_given_up() -> None:
    given(*HELD, started(PLAIN), unknown()).when(give_up, **GIVE_UP).rejected(OutcomeUnresolved)


@pytest.mark.parametrize(
    ("history", "holder"),
    [
        ((ready(),), None),
        (HELD, 1),
        ((*HELD, started(), did()), 1),
        ((*HELD, retry()), None),
        ((*HELD, started(PLAIN), unknown()), None),
    ],
)
def test_a_task_between_two_calls_is_cancelled(history: tuple[TaskEvent, ...], holder: int | None) -> None:
    task = given(*history).when(cancel, reason="enough").then(TaskCancelled(attempt=holder, reason="enough"))
    assert task.status is TaskStatus.CANCELLED


def test_a_call_under_way_is_reported_before_the_task_is_cancelled() -> None:
    given(*HELD, started()).when(cancel).rejected(OperationOpen)
    given(*HELD, started(), did()).when(cancel).then(TaskCancelled(attempt=1))


def test_a_task_that_never_was_is_not_cancelled() -> None:
    given().when(cancel).rejected(TaskMissing)


@pytest.mark.parametrize(
    ("events", "delta"),
    [
        ((ready(),), 0),
        ((claimed(),), 1),
        ((started(), did(), did_not(FailureClass.TOOL_ERROR, definite=True), seen_late()), 0),
        ((unknown(),), -1),
        ((retry(),), -1),
        ((retry(None),), 0),
        ((TaskSucceeded(attempt=1),), -1),
        ((DEAD,), -1),
        ((TaskDeadLettered(failure=FailureClass.INTERNAL, rule="never", cause="", attempts=0),), 0),
        ((TaskCancelled(attempt=1),), -1),
        ((TaskCancelled(),), 0),
        ((TaskSkipped(reason="r"),), 0),
        ((ready(), claimed(), started(), did(), TaskSucceeded(attempt=1)), 0),
        ((claimed(), claimed()), 2),
    ],
)
def test_open_claims_are_a_fold_of_the_events_alone(events: tuple[TaskEvent, ...], delta: int) -> None:
    assert claims_delta(events) == delta
