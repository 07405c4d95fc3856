"""What may be decided about a task's operations: an intent before each call, and one outcome for each intent.

The task makes one call at a time. A call whose outcome is not known is repeated as it is, with the same idempotency
key, or not at all: the generation rises only when the former outcome is known (I22), and a call that must not be
repeated leaves an unknown outcome (I20, I21).
"""

from awe.domain.artifacts import Artifact
from awe.domain.contracts import ToolContract
from awe.domain.events import Json
from awe.domain.failures import OPEN_ENDED, FailureClass
from awe.domain.rejections import (
    NoTimeLeft,
    OperationMissing,
    OperationNotOpen,
    OperationOutOfOrder,
    OperationRepeated,
    OperationSettled,
    OutcomeUnresolved,
    RequestChanged,
    WrongGeneration,
)
from awe.domain.retry import POLICY
from awe.domain.task.events import (
    OperationFailed,
    OperationStarted,
    OperationSucceeded,
    OutcomeUnknown,
    TaskEvent,
)
from awe.domain.task.fencing import require_call_over, require_claim, require_no_open_call
from awe.domain.task.operation import Operation, OperationStatus, Request
from awe.domain.task.state import Task

Events = tuple[TaskEvent, ...]

FIRST_GENERATION = 1


def start_operation(
    task: Task,
    *,
    attempt: int,
    index: int,
    generation: int,
    contract: ToolContract,
    arguments_digest: str,
    arguments: dict[str, Json] | None,
    now_ms: int,
    call_until_ms: int,
) -> Events:
    """Record the intent of a call, which is killed at `call_until_ms`; `arguments` are None when they lie in a blob."""
    require_claim(task, attempt)
    require_no_open_call(task)
    if call_until_ms <= now_ms:
        raise NoTimeLeft("the call would have to end before it begins; end the attempt for its deadline")
    former = task.operation(index)
    for other in task.operations:
        if other is not former and not other.settled:
            raise OutcomeUnresolved(f"the outcome of operation {other.index} is not known; repeat it first")
    if former is None:
        _require_next(task, index, generation)
    elif generation == former.generation:
        _require_repetition(former, attempt, Request(contract.digest, arguments_digest))
    else:
        _require_next_generation(former, generation)
    return (
        OperationStarted(
            attempt=attempt,
            index=index,
            generation=generation,
            tool=contract.name,
            contract=contract.digest,
            effect=contract.effect,
            repeatable=contract.repeatable,
            arguments_digest=arguments_digest,
            arguments=arguments,
            call_until_ms=call_until_ms,
        ),
    )


def succeed_operation(
    task: Task,
    *,
    attempt: int,
    index: int,
    generation: int,
    output: Json = None,
    output_blob: str | None = None,
    artifacts: tuple[Artifact, ...] = (),
) -> Events:
    _require_open(task, attempt, index, generation)
    succeeded = OperationSucceeded(
        attempt=attempt,
        index=index,
        generation=generation,
        output=output,
        output_blob=output_blob,
        artifacts=artifacts or None,
    )
    return (succeeded,)


def fail_operation(
    task: Task,
    *,
    attempt: int,
    index: int,
    generation: int,
    failure: FailureClass,
    message: str,
    sent: bool = True,
    now_ms: int,
    skew_ms: int,
) -> Events:
    """Report that the call failed; `sent` is False when it certainly never reached the tool.

    A failure that does not tell whether the effect happened makes the outcome of a call that must not be repeated
    unknown, which ends the claim; that is judged only when the call is over.
    """
    operation = _require_open(task, attempt, index, generation)
    definite = settles(failure, sent=sent)
    if not definite and not operation.repeatable:
        require_call_over(operation, now_ms=now_ms, skew_ms=skew_ms)
        unknown = OutcomeUnknown(
            attempt=attempt, index=index, generation=generation, failure=failure, message=message
        )
        return (unknown,)
    rule = POLICY[failure]
    return (
        OperationFailed(
            attempt=attempt,
            index=index,
            generation=generation,
            failure=failure,
            message=message,
            definite=definite,
            rule=rule.name,
            retryable=rule.allows(attempt),
        ),
    )


def settles(failure: FailureClass, *, sent: bool) -> bool:
    """Whether such a failure tells for certain what became of the call."""
    return not sent or failure not in OPEN_ENDED


def _require_next(task: Task, index: int, generation: int) -> None:
    if index > len(task.operations):
        raise OperationOutOfOrder(f"operation {len(task.operations)} comes next, not {index}")
    if generation != FIRST_GENERATION:
        raise WrongGeneration(f"an operation begins with generation {FIRST_GENERATION}, not {generation}")


def _require_repetition(former: Operation, attempt: int, request: Request) -> None:
    if former.status is OperationStatus.SUCCEEDED:
        raise OperationSettled("the operation has succeeded; use its output, or raise the generation")
    if former.attempt == attempt:
        raise OperationRepeated(
            "this attempt made the operation before; end the attempt, the policy decides on another"
        )
    if former.request != request:
        raise RequestChanged("the same generation is the same call of the same tool; raise the generation")


def _require_next_generation(former: Operation, generation: int) -> None:
    if generation != former.generation + 1:
        raise WrongGeneration(f"generation {former.generation + 1} comes next, not {generation}")
    if not former.settled:
        raise OutcomeUnresolved("the outcome of the former generation is not known; repeat that one first")


def _require_open(task: Task, attempt: int, index: int, generation: int) -> Operation:
    require_claim(task, attempt)
    operation = task.operation(index)
    if operation is None:
        raise OperationMissing(f"operation {index} was never begun; record its intent before the call")
    if operation.generation != generation:
        raise WrongGeneration(f"operation {index} is at generation {operation.generation}, not {generation}")
    if operation.status is not OperationStatus.OPEN:
        raise OperationNotOpen(f"operation {index} is {operation.status}; it waits for no result")
    return operation
