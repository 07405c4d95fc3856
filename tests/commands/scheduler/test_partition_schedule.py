"""What a scheduler reads of its partition: what it wrote itself it knows already."""

from collections.abc import Sequence
from typing import Any

from awe.commands.log import RecordedEvent
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.domain.events import Context, Event, encode
from awe.domain.identifiers import RunId, TaskKey
from awe.domain.run.events import CancelRequested, GoalSubmitted
from awe.domain.task.events import OperationStarted, TaskClaimed, TaskReady
from awe.domain.task.state import TaskStatus
from awe.domain.vocabulary import CODEC

RUN, TASK = RunId("r"), TaskKey("a")
PLACE = (RUN, TASK)
READY = TaskReady(attempt=1, plan=1, work={"requests": []})
CLAIMED = TaskClaimed(attempt=1, worker="w", lease_ms=7)


class Watched:
    """A codec that remembers what it was asked to read."""

    def __init__(self) -> None:
        self.types = CODEC.types
        self.read: list[str] = []

    def decode(self, type_: str, body: bytes) -> tuple[Event, Context]:
        self.read.append(type_)
        return CODEC.decode(type_, body)


def _plan(*events: RecordedEvent) -> tuple[PartitionSchedule, Watched]:
    codec = Watched()
    plan = PartitionSchedule(codec)  # type: ignore[arg-type]  # all that it needs of one
    _take(plan, [_event(1, "run", GoalSubmitted(tenant="t", goal="g", inputs={})), *events])
    plan.dirty.clear()
    codec.read.clear()
    return plan, codec


def _event(n: int, aggregate: str, event: Event, append_id: str = "") -> RecordedEvent:
    body = encode(event, Context())
    return RecordedEvent(n, RUN, aggregate, n, event.event_type, append_id or f"u{n}", 0, 1_000, body)


def _take(plan: PartitionSchedule, events: Sequence[RecordedEvent]) -> None:
    for event in events:
        assert plan.take(event) is None


def test_what_was_written_here_is_not_decoded_again() -> None:
    plan, codec = _plan()
    start = plan.start(PLACE, "default")
    start.append_id, start.events = "mine", (READY,)
    _take(plan, [_event(2, "t:a", READY, "mine")])
    assert codec.read == []
    track = plan.runs[RUN].tracks[TASK]
    assert (track.status, track.attempt, track.ready_append) == (TaskStatus.READY, 1, "mine")
    assert (plan.starting, plan.unclaimed["default"]) == ({}, 1)


def test_what_another_one_wrote_in_its_place_is() -> None:
    plan, codec = _plan()
    start = plan.start(PLACE, "default")
    start.append_id, start.events = "mine", (TaskReady(attempt=9, plan=1),)
    _take(plan, [_event(2, "t:a", READY, "another's")])
    assert codec.read == [READY.event_type]
    assert plan.runs[RUN].tracks[TASK].attempt == 1
    assert (plan.starting, plan.unclaimed["default"]) == ({}, 1)


def test_an_outcome_that_comes_late_ends_no_later_start() -> None:
    plan, _ = _plan()
    first = plan.start(PLACE, "default")
    plan.started(PLACE)
    second = plan.start(PLACE, "default")
    plan.started(PLACE, first)
    assert plan.starting == {PLACE: second}
    assert plan.unclaimed["default"] == 1
    plan.started(PLACE, second)
    plan.started(PLACE, second)
    assert (plan.starting, plan.unclaimed["default"]) == ({}, 0)


def test_a_claim_and_its_calls_ask_for_no_look_at_their_run() -> None:
    plan, codec = _plan(_event(2, "t:a", READY))
    _take(plan, [_event(3, "t:a", CLAIMED), _event(4, "t:a", _started())])
    assert (plan.dirty, plan.unclaimed["default"]) == ({}, 0)
    assert codec.read == [CLAIMED.event_type]
    assert plan.causes[RUN] == "u4.0"
    assert plan.runs[RUN].tracks[TASK].version == 4


def test_a_task_that_became_ready_does_since_its_run_may_have_been_stopped() -> None:
    plan, _ = _plan(_event(2, "run", CancelRequested()))
    _take(plan, [_event(3, "t:a", READY)])
    assert plan.dirty == {RUN: None}


def _started() -> OperationStarted:
    said: dict[str, Any] = {
        "attempt": 1,
        "index": 0,
        "generation": 1,
        "tool": "t",
        "contract": "ab" * 32,
        "effect": "read",
        "repeatable": True,
        "arguments_digest": "ab" * 32,
        "call_until_ms": 5,
    }
    return OperationStarted.model_validate(said)
