"""A task's view: state, times, the last failure, its files, and calls nobody knows the outcome of."""

from awe.domain.artifacts import Artifact
from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.task.events import (
    OperationSucceeded,
    TaskCancelled,
    TaskDeadLettered,
    TaskSkipped,
    TaskSucceeded,
)
from awe.domain.task.state import TaskStatus
from awe.projections.views.task import Calling, TaskView
from support.run_entries import view
from support.task_events import (
    ARGUMENTS,
    PLAIN,
    claimed,
    did,
    did_not,
    ready,
    retry,
    seen_late,
    started,
    unknown,
)


def task(*events: Event) -> TaskView:
    return view(*(("a", event) for event in events)).tasks["a"]


def test_a_task_is_offered_and_taken() -> None:
    offered = task(ready())
    assert (offered.status, offered.ready_ms, offered.begun_ms, offered.ended_ms) == (
        TaskStatus.READY,
        1000,
        None,
        None,
    )
    taken = task(ready(), claimed(), started())
    assert (taken.status, taken.begun_ms, taken.worker) == (TaskStatus.CLAIMED, 2000, "w-1")
    assert taken.calls == {0: Calling("tool", ARGUMENTS, 3000)}


def test_success() -> None:
    done = task(ready(), claimed(), started(), did(7), TaskSucceeded(attempt=1, output=7))
    assert (done.status, done.output, done.output_blob, done.ended_ms) == (
        TaskStatus.SUCCEEDED,
        7,
        None,
        5000,
    )


def test_times_are_those_of_the_first_attempt_and_the_failure_is_the_last() -> None:
    waiting = task(
        ready(),
        claimed(),
        started(),
        did_not(FailureClass.TIMEOUT, definite=False),
        retry(1, FailureClass.TIMEOUT),
    )
    assert (waiting.status, waiting.failure, waiting.message, waiting.due_ms) == (
        TaskStatus.WAITING,
        FailureClass.TIMEOUT,
        "again",
        6000,
    )
    again = task(ready(), claimed(), retry(1), ready(2), claimed(2))
    assert (again.state.attempt, again.ready_ms, again.begun_ms, again.due_ms) == (2, 1000, 2000, None)
    assert again.failure is FailureClass.WORKER_LOST
    done = task(ready(), claimed(), retry(1), ready(2), claimed(2), TaskSucceeded(attempt=2))
    assert (done.failure, done.message) == (None, "")


def test_other_ends() -> None:
    dead = task(
        ready(),
        claimed(),
        TaskDeadLettered(attempt=1, failure=FailureClass.AUTH, rule="r", cause="refused", attempts=1),
    )
    assert (dead.status, dead.failure, dead.message, dead.ended_ms) == (
        TaskStatus.DEAD_LETTERED,
        FailureClass.AUTH,
        "refused",
        3000,
    )
    skipped = task(TaskSkipped(reason="its condition is false"))
    assert (skipped.status, skipped.message, skipped.ended_ms) == (
        TaskStatus.SKIPPED,
        "its condition is false",
        1000,
    )
    stopped = task(ready(), claimed(), TaskCancelled(attempt=1, reason="asked"))
    assert (stopped.status, stopped.failure, stopped.message) == (TaskStatus.CANCELLED, None, "asked")


def test_files_of_every_call_that_succeeded() -> None:
    file = Artifact(name="notes.md", media_type="text/markdown", bytes=3, sha256="f" * 64)
    made = OperationSucceeded(attempt=1, index=0, generation=1, output=1, artifacts=(file,))
    assert task(ready(), claimed(), started(), made, started(index=1)).artifacts == (file,)


def test_an_unknown_outcome_names_its_call_until_it_is_known() -> None:
    lost = (ready(), claimed(), started(), did(), started(PLAIN, index=1), unknown(index=1))
    waiting = task(*lost)
    assert (waiting.status, waiting.ended_ms, waiting.failure) == (
        TaskStatus.UNKNOWN,
        6000,
        FailureClass.WORKER_LOST,
    )
    assert waiting.unsettled == (Calling("tool", ARGUMENTS, 5000),)
    known = task(*lost, seen_late(7, index=1))
    assert (known.status, known.ended_ms, known.unsettled) == (TaskStatus.WAITING, None, ())
