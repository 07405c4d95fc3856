"""Holds the log of all runs to what the tools' calls left behind. Returns problems in words."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from awe.commands.log import RecordedEvent
from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.identifiers import OperationId, RunId, TaskKey, task_of_aggregate
from awe.domain.run.events import RunCancelled, RunFailed, RunSucceeded
from awe.domain.task.events import (
    OperationStarted,
    OperationSucceeded,
    TaskCancelled,
    TaskDeadLettered,
    TaskSkipped,
    TaskSucceeded,
)
from awe.domain.vocabulary import decode
from chaos.engine.effects import Effects

RUN_ENDS = (RunSucceeded, RunFailed, RunCancelled)
TASK_ENDS = (TaskSucceeded, TaskDeadLettered, TaskCancelled, TaskSkipped)
EXCUSED = {FailureClass.WORKER_LOST, FailureClass.TRANSPORT, FailureClass.TIMEOUT}
"""Why a run may fail: too often in a row its worker was killed, or a call was stopped beyond its limit."""

History = Mapping[tuple[str, str], Sequence[Event]]
"""The events of each aggregate of each run, in order."""


def histories(events: Sequence[RecordedEvent]) -> History:
    found: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        found.setdefault((event.run, event.aggregate), []).append(decode(event.type, event.body)[0])
    return found


def problems(history: History, effects: Effects) -> Iterator[str]:
    """Check that everything ended once, and that every effect is there as often as it may be (I14, I21, I22)."""
    for (run, aggregate), events in history.items():
        key = task_of_aggregate(aggregate)
        if key is None:
            if sum(isinstance(event, RUN_ENDS) for event in events) != 1:
                yield f"run {run} did not end, or more than once"
            yield from (
                f"run {run} failed for no fault that happened: {event.failure}, {event.message}"
                for event in events
                if isinstance(event, RunFailed) and event.failure not in EXCUSED
            )
        else:
            yield from _task(run, key, events, effects)
    for place, lines in effects.lines.items():
        if lines > 1:
            yield f"{place} must not be repeated and has {lines} lines"
    for place, keys in effects.keys.items():
        if len(keys) > 1:
            yield f"{place} has {len(keys)} files, each by another key"


def _task(run: str, key: TaskKey, events: Sequence[Event], effects: Effects) -> Iterator[str]:
    ends = [event for event in events if isinstance(event, TASK_ENDS)]
    if len(ends) > 1:
        yield f"task {key} of {run} ended {len(ends)} times"
    results = Counter(
        (event.index, event.generation) for event in events if isinstance(event, OperationSucceeded)
    )
    if any(count > 1 for count in results.values()):
        yield f"a call of {key} of {run} has two results"
    if not ends or not isinstance(ends[0], TaskSucceeded):
        return
    intents = [event for event in events if isinstance(event, OperationStarted)]
    tool = intents[-1].tool.partition("@")[0]
    value = cast("dict[str, str]", ends[0].output).get("value")
    if tool == "chaos.add" and effects.lines[run, key] != 1:
        yield f"task {key} of {run} succeeded and has {effects.lines[run, key]} lines"
    if tool == "chaos.put":
        operation = OperationId(RunId(run), key, 0, intents[-1].generation)
        if effects.files.get(operation.idempotency_key) != value:
            yield f"task {key} of {run} succeeded with another result than its file has, or has none"
