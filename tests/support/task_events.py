"""Events of a task as its tests need them: attempt 1, operation 0, generation 1, unless they say otherwise."""

from typing import Final

from awe.domain.contracts import Effect, Idempotency, ToolContract
from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.task.events import (
    OperationFailed,
    OperationObservedLate,
    OperationStarted,
    OperationSucceeded,
    OutcomeUnknown,
    RetryScheduled,
    TaskClaimed,
    TaskReady,
)

CALL_UNTIL: Final = 100_000
SKEW: Final = 500
ARGUMENTS: Final = "a" * 64


def contract(effect: Effect, idempotency: Idempotency = Idempotency.NONE) -> ToolContract:
    return ToolContract(
        name="tool", version="1", input_schema={}, output_schema={}, effect=effect, idempotency=idempotency
    )


READ: Final = contract(Effect.READ)
KEYED: Final = contract(Effect.WRITE, Idempotency.KEY)
PLAIN: Final = contract(Effect.WRITE)


def ready(attempt: int = 1) -> TaskReady:
    return TaskReady(attempt=attempt, plan=1)


def claimed(attempt: int = 1) -> TaskClaimed:
    return TaskClaimed(attempt=attempt, worker=f"w-{attempt}", lease_ms=30_000)


def started(
    tool: ToolContract = READ,
    *,
    attempt: int = 1,
    index: int = 0,
    generation: int = 1,
    arguments_digest: str = ARGUMENTS,
    call_until_ms: int = CALL_UNTIL,
) -> OperationStarted:
    return OperationStarted(
        attempt=attempt,
        index=index,
        generation=generation,
        tool=tool.name,
        contract=tool.digest,
        effect=tool.effect,
        repeatable=tool.repeatable,
        arguments_digest=arguments_digest,
        call_until_ms=call_until_ms,
    )


def did(output: Json = None, *, attempt: int = 1, index: int = 0, generation: int = 1) -> OperationSucceeded:
    return OperationSucceeded(attempt=attempt, index=index, generation=generation, output=output)


def did_not(
    failure: FailureClass,
    *,
    definite: bool,
    rule: str = "never",
    retryable: bool = False,
    attempt: int = 1,
    index: int = 0,
    generation: int = 1,
) -> OperationFailed:
    return OperationFailed(
        attempt=attempt,
        index=index,
        generation=generation,
        failure=failure,
        message="it broke",
        definite=definite,
        rule=rule,
        retryable=retryable,
    )


def seen_late(
    output: Json = None,
    *,
    failure: FailureClass | None = None,
    definite: bool = True,
    attempt: int = 1,
    index: int = 0,
    generation: int = 1,
) -> OperationObservedLate:
    return OperationObservedLate(
        attempt=attempt,
        index=index,
        generation=generation,
        output=output,
        failure=failure,
        message="" if failure is None else "it broke",
        definite=definite,
    )


def unknown(
    failure: FailureClass = FailureClass.WORKER_LOST, *, attempt: int = 1, index: int = 0, generation: int = 1
) -> OutcomeUnknown:
    return OutcomeUnknown(
        attempt=attempt, index=index, generation=generation, failure=failure, message="nobody knows"
    )


def retry(attempt: int | None = 1, failure: FailureClass = FailureClass.WORKER_LOST) -> RetryScheduled:
    return RetryScheduled(attempt=attempt, failure=failure, rule="backoff", message="again", delay_ms=1_000)
