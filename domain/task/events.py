"""What can happen to one task; in a `for_each` task each item is a task of its own.

An event that ends a claim names the attempt that held it, so the number of open claims is a fold of the events alone.
An operation is named by its place among the task's calls and its generation: run, task and item stand in the entry.
"""

from collections.abc import Iterable
from typing import assert_never

from awe.domain.artifacts import Artifact
from awe.domain.contracts import Effect
from awe.domain.events import Count, Digest, Event, Json, Message, Ordinal, event
from awe.domain.failures import FailureClass


@event("awe.task.ready", version=1)
class TaskReady(Event):
    """A worker may take the task; as a message on a work queue this is all that the worker is told.

    `plan` is the number of the accepted plan, `work` what the task is with its bindings resolved, inline or in the
    blob of that digest.
    """

    attempt: Ordinal
    plan: Ordinal
    work: Json = None
    work_blob: Digest | None = None


@event("awe.task.claimed", version=1)
class TaskClaimed(Event):
    """The worker holds the task for this attempt; its lease ends `lease_ms` after this event unless it is renewed."""

    attempt: Ordinal
    worker: str
    lease_ms: Ordinal


@event("awe.task.operation_started", version=1)
class OperationStarted(Event):
    """The intent of a call, in the log before the call is made: from here on it may have its effect (I20, I21).

    The call is killed at `call_until_ms` (Unix time). `repeatable` says whether it may be made again with the same
    idempotency key while its outcome is not known. `arguments` are None when they lie in the blob of their digest.
    """

    attempt: Ordinal
    index: Count
    generation: Ordinal
    tool: str
    contract: Digest
    effect: Effect
    repeatable: bool
    arguments_digest: Digest
    arguments: dict[str, Json] | None = None
    call_until_ms: Count


@event("awe.task.operation_succeeded", version=2)
class OperationSucceeded(Event):
    """The call's output, inline or in the blob of that digest, and the files it made."""

    attempt: Ordinal
    index: Count
    generation: Ordinal
    output: Json = None
    output_blob: Digest | None = None
    artifacts: tuple[Artifact, ...] | None = None


@event("awe.task.operation_failed", version=1)
class OperationFailed(Event):
    """The call failed; `definite` says whether that settles its outcome, `retryable` what the rule makes of it."""

    attempt: Ordinal
    index: Count
    generation: Ordinal
    failure: FailureClass
    message: Message
    definite: bool
    rule: str
    retryable: bool


@event("awe.task.operation_observed_late", version=2)
class OperationObservedLate(Event):
    """What a worker saw of a call after its claim had been taken from it (I21).

    A success has no `failure` and carries its output; a failure may settle the outcome (`definite`) or tell nothing.
    """

    attempt: Ordinal
    index: Count
    generation: Ordinal
    output: Json = None
    output_blob: Digest | None = None
    failure: FailureClass | None = None
    message: Message = ""
    definite: bool = True
    artifacts: tuple[Artifact, ...] | None = None


@event("awe.task.outcome_unknown", version=1)
class OutcomeUnknown(Event):
    """Nobody can say whether the call had its effect, and it must not be made again; the claim ends, the task waits."""

    attempt: Ordinal
    index: Count
    generation: Ordinal
    failure: FailureClass
    message: Message


@event("awe.task.retry_scheduled", version=1)
class RetryScheduled(Event):
    """The next attempt may begin `delay_ms` after this event; `attempt` held the claim, if any did."""

    attempt: Ordinal | None = None
    failure: FailureClass
    rule: str
    message: Message
    delay_ms: Count


@event("awe.task.succeeded", version=1)
class TaskSucceeded(Event):
    """The attempt's claim ends with the task's output, inline or in the blob of that digest."""

    attempt: Ordinal
    output: Json = None
    output_blob: Digest | None = None


@event("awe.task.dead_lettered", version=1)
class TaskDeadLettered(Event):
    """The task is not tried again without a person, after `attempts` attempts; `attempt` held the claim, if any did."""

    attempt: Ordinal | None = None
    failure: FailureClass
    rule: str
    cause: Message
    attempts: Count


@event("awe.task.cancelled", version=1)
class TaskCancelled(Event):
    """The task was stopped on request; `attempt` held the claim, if any did."""

    attempt: Ordinal | None = None
    reason: Message = ""


@event("awe.task.skipped", version=1)
class TaskSkipped(Event):
    """The task is not needed, for instance because its condition is false."""

    reason: Message


TaskEvent = (
    TaskReady
    | TaskClaimed
    | OperationStarted
    | OperationSucceeded
    | OperationFailed
    | OperationObservedLate
    | OutcomeUnknown
    | RetryScheduled
    | TaskSucceeded
    | TaskDeadLettered
    | TaskCancelled
    | TaskSkipped
)


def claims_delta(events: Iterable[TaskEvent]) -> int:
    """By how many the open claims of the run change: plus one for a claim that opens, minus one for one that ends."""
    return sum(map(_claims_delta, events))


def _claims_delta(event: TaskEvent) -> int:
    match event:
        case TaskClaimed():
            return 1
        case TaskSucceeded() | OutcomeUnknown():
            return -1
        case TaskReady() | OperationStarted() | OperationSucceeded() | OperationFailed():
            return 0
        case RetryScheduled() | TaskDeadLettered() | TaskCancelled():
            return 0 if event.attempt is None else -1
        case OperationObservedLate() | TaskSkipped():
            return 0
        case _:
            assert_never(event)
