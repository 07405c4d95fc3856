"""What is said of a task, its calls, its files and its dead letter."""

from awe.domain.artifacts import Artifact
from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.task.events import (
    OperationObservedLate,
    OperationSucceeded,
    OutcomeUnknown,
    RetryScheduled,
    TaskCancelled,
    TaskDeadLettered,
    TaskSkipped,
    TaskSucceeded,
)
from awe.projections.projector import Row
from awe.projections.read_models.artifacts import Artifacts
from awe.projections.read_models.dead_letters import DeadLetters
from awe.projections.read_models.operations import Operations
from awe.projections.read_models.tasks import Tasks
from support.read_models import rows
from support.run_entries import RUN, entries
from support.task_events import PLAIN, claimed, did, did_not, ready, seen_late, started


def task(*told: Event) -> Row:
    return rows(Tasks(), entries(*[("a", event) for event in told]))[(RUN, "a")]


def operation(*told: Event) -> Row:
    return rows(Operations(), entries(*[("a", event) for event in told]))[(RUN, "a", 0, 1)]


def unknown() -> OutcomeUnknown:
    return OutcomeUnknown(attempt=1, index=0, generation=1, failure=FailureClass.TIMEOUT, message="who knows")


def test_a_task_that_succeeds() -> None:
    row = task(ready(), claimed(), started(), did(7), TaskSucceeded(attempt=1, output=7))
    assert (row["status"], row["output"], row["worker"], row["calls"]) == ("succeeded", 7, "w-1", None)
    assert [row[f"{name}_ms"] for name in ("ready", "begun", "ended", "due")] == [1000, 2000, 5000, None]
    assert (row["first_n"], row["n"], row["attempt"]) == (1, 5, 1)


def test_a_task_that_waits_for_its_next_attempt() -> None:
    retry = RetryScheduled(
        attempt=1, failure=FailureClass.TRANSPORT, rule="r", message="broken", delay_ms=500
    )
    row = task(ready(), claimed(), retry)
    assert (row["status"], row["due_ms"], row["failure"], row["message"]) == (
        "waiting",
        3500,
        "transport",
        "broken",
    )
    assert row["ended_ms"] is None
    again = task(ready(), claimed(), retry, ready(2), claimed(2))
    assert (again["status"], again["due_ms"], again["begun_ms"], again["worker"]) == (
        "claimed",
        None,
        2000,
        "w-2",
    )


def test_other_ends() -> None:
    assert task(ready(), TaskCancelled(reason="stop"))["message"] == "stop"
    assert task(TaskSkipped(reason="not needed"))["status"] == "skipped"
    died = task(
        ready(), TaskDeadLettered(failure=FailureClass.TIMEOUT, rule="never", cause="slow", attempts=1)
    )
    assert (died["status"], died["failure"], died["message"], died["ended_ms"]) == (
        "dead_lettered",
        "timeout",
        "slow",
        2000,
    )


def test_i21_what_is_seen_late_resolves_an_unknown_outcome_also_for_rows_read_back() -> None:
    before = [ready(), claimed(), started(PLAIN), unknown()]
    row = task(*before)
    assert (row["status"], row["ended_ms"]) == ("unknown", 4000)
    for word, status in ((seen_late(1), "waiting"), (seen_late(failure=FailureClass.TOOL_ERROR), "failed")):
        (entry,) = entries(("a", word))
        resolved = dict(row)
        Tasks().apply(resolved, entry)
        assert (resolved["status"], resolved["ended_ms"]) == (status, None)


def test_i21_a_failure_seen_late_says_nothing_of_a_task_that_has_ended() -> None:
    late = seen_late(failure=FailureClass.TOOL_ERROR)
    row = task(ready(), claimed(), started(), did(7), TaskSucceeded(attempt=1, output=7), late)
    assert (row["status"], row["output"], row["failure"], row["message"]) == ("succeeded", 7, None, None)
    stopped = task(ready(), claimed(), started(PLAIN), unknown(), TaskCancelled(reason="enough"), late)
    assert (stopped["status"], stopped["message"]) == ("cancelled", "enough")
    waits = task(ready(), claimed(), started(PLAIN), unknown(), late)
    assert (waits["status"], waits["failure"]) == ("failed", "tool_error")


def test_a_call_that_is_begun_again_and_succeeds() -> None:
    row = operation(
        started(), did_not(FailureClass.TRANSPORT, definite=False), started(attempt=2), did("x", attempt=2)
    )
    assert (row["status"], row["calls"], row["output"], row["failure"]) == ("succeeded", 2, "x", None)
    assert (row["started_ms"], row["ended_ms"], row["tool"], row["attempt"]) == (1000, 4000, "tool", 2)


def test_a_call_that_fails_or_is_unknown() -> None:
    assert operation(started(), did_not(FailureClass.TOOL_ERROR, definite=True))["status"] == "failed"
    assert operation(started(), did_not(FailureClass.TIMEOUT, definite=False))["status"] == "unknown"
    assert operation(started(PLAIN), unknown())["status"] == "unknown"


def test_i21_a_call_seen_late() -> None:
    assert operation(started(PLAIN), unknown(), seen_late("x"))["late"] is True
    failed = operation(started(PLAIN), unknown(), seen_late(failure=FailureClass.TOOL_ERROR))
    assert (failed["status"], failed["failure"], failed["late"]) == ("failed", "tool_error", True)
    told_nothing = operation(
        started(PLAIN), unknown(), seen_late(failure=FailureClass.TIMEOUT, definite=False)
    )
    assert (told_nothing["status"], told_nothing["failure"]) == ("unknown", "timeout")
    settled = operation(started(), did("x"), seen_late("y"))
    assert (settled["output"], settled["late"]) == ("x", False)


def test_the_files_of_calls() -> None:
    def file(name: str, size: int) -> Artifact:
        return Artifact(name=name, media_type="text/plain", bytes=size, sha256="a" * 64)

    made = OperationSucceeded(
        attempt=1, index=0, generation=1, artifacts=(file("x", 1), file("y", 2), file("x", 3))
    )
    late = OperationObservedLate(attempt=1, index=1, generation=1, artifacts=(file("x", 4),))
    found = rows(Artifacts(), entries(("a", made), ("a", did()), ("a", late)))
    assert {key[2:]: row["bytes"] for key, row in found.items()} == {
        (0, 1, "x"): 3,
        (0, 1, "y"): 2,
        (1, 1, "x"): 4,
    }


def test_a_dead_letter() -> None:
    event = TaskDeadLettered(failure=FailureClass.TIMEOUT, rule="never", cause="slow", attempts=3)
    row = rows(DeadLetters(), entries(("a", event)))[(RUN, "a")]
    assert (
        row | {"failure": "timeout", "rule": "never", "cause": "slow", "attempts": 3, "died_ms": 1000} == row
    )
