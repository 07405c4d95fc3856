"""Random histories: workers, a scheduler and fenced workers act at will, and what is refused is refused.

The checks know the rules from the events alone, not from the state that the decisions are made from.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Protocol, TypeVar, get_args

from hypothesis import HealthCheck, settings
from hypothesis import given as over
from hypothesis import strategies as st

from awe.domain.contracts import Effect
from awe.domain.failures import FailureClass
from awe.domain.fold import fold
from awe.domain.rejections import Rejected
from awe.domain.task.calls import fail_operation, start_operation, succeed_operation
from awe.domain.task.decisions import (
    cancel,
    claim,
    fail,
    give_up,
    judge_failure,
    lose_worker,
    make_ready,
    skip,
    succeed,
)
from awe.domain.task.events import (
    OperationFailed,
    OperationObservedLate,
    OperationStarted,
    OperationSucceeded,
    OutcomeUnknown,
    TaskCancelled,
    TaskClaimed,
    TaskDeadLettered,
    TaskEvent,
    TaskReady,
    TaskSkipped,
    TaskSucceeded,
    claims_delta,
)
from awe.domain.task.late import observe_late_failure, observe_late_success
from awe.domain.task.state import Task, evolve
from support.task_events import (
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

T = TypeVar("T")
Events = tuple[TaskEvent, ...]
Move = Callable[[Task], Events]


class Choose(Protocol):
    def __call__(self, options: Sequence[T], /) -> T: ...


EVENTS: list[TaskEvent] = [
    ready(),
    claimed(),
    started(PLAIN),
    started(index=1),
    started(index=3),
    did(index=3),
    did_not(FailureClass.TIMEOUT, definite=False),
    seen_late(),
    seen_late(failure=FailureClass.TOOL_ERROR),
    unknown(),
    retry(),
    TaskSucceeded(attempt=1),
    TaskDeadLettered(failure=FailureClass.INTERNAL, rule="never", cause="c", attempts=1),
    TaskCancelled(),
    TaskSkipped(reason="r"),
]
ENDS = TaskSucceeded | TaskDeadLettered | TaskCancelled | TaskSkipped
RARE = {kind.event_name for kind in get_args(ENDS)}
REPORTS = OperationStarted | OperationSucceeded | OperationFailed | OutcomeUnknown | TaskSucceeded

JUDGED: list[dict[str, Any]] = [{"now_ms": now_ms, "skew_ms": SKEW} for now_ms in (0, CALL_UNTIL + SKEW)]
BREAKS: list[dict[str, Any]] = [
    {"failure": failure, "message": "m"} for failure in (FailureClass.TRANSPORT, FailureClass.TOOL_ERROR)
]


def moves(task: Task) -> Iterator[Move]:
    """What anybody might try now, also an attempt whose claim was taken, and also what the rules forbid."""
    yield partial(make_ready, plan=1)
    yield partial(judge_failure, identity="r/t")
    yield partial(cancel)
    yield partial(skip, reason="r")
    yield partial(give_up, failure=FailureClass.INTERNAL, rule="r", cause="c")
    for attempt in range(max(1, task.attempt - 1), task.attempt + 1):
        yield partial(claim, attempt=attempt, worker="w", lease_ms=1)
        yield partial(succeed, attempt=attempt)
        for judged in JUDGED:
            yield partial(lose_worker, attempt=attempt, identity="r/t", **judged)
        for broken in BREAKS:
            yield partial(fail, attempt=attempt, identity="r/t", **broken)
        for index in range(min(2, len(task.operations)) + 1):
            operation = task.operation(index)
            present = 1 if operation is None else operation.generation
            for generation in (present, present + 1):
                yield from calls({"attempt": attempt, "index": index, "generation": generation})


def calls(place: dict[str, Any]) -> Iterator[Move]:
    for tool, digest in ((READ, "a" * 64), (KEYED, "a" * 64), (KEYED, "b" * 64), (PLAIN, "a" * 64)):
        yield partial(
            start_operation,
            contract=tool,
            arguments_digest=digest,
            arguments=None,
            now_ms=0,
            call_until_ms=CALL_UNTIL,
            **place,
        )
    yield partial(succeed_operation, output=place["attempt"], **place)
    yield partial(observe_late_success, output=place["attempt"], **place)
    for broken in BREAKS:
        for sent in (True, False):
            yield partial(observe_late_failure, sent=sent, **broken, **place)
            for judged in JUDGED:
                yield partial(fail_operation, sent=sent, **broken, **judged, **place)


def accepted(task: Task) -> dict[str, list[Events]]:
    """All that may follow now, by the kind of its first event."""
    found = dict[str, list[Events]]()
    for move in moves(task):
        with suppress(Rejected):
            if decided := move(task):
                found.setdefault(decided[0].event_name, []).append(decided)
    return found


def grow(choose: Choose, length: int) -> list[TaskEvent]:
    """A history of so many accepted moves, unless it ends before; ends are rare."""
    task, events = Task(), list[TaskEvent]()
    for _ in range(length):
        following = accepted(task)
        kinds = [kind for kind in following for _ in range(1 if kind in RARE else 20)]
        if not kinds:
            break
        decided = choose(following[choose(kinds)])
        task = fold(task, evolve, decided)
        events.extend(decided)
    return events


@st.composite
def histories(draw: st.DrawFn) -> list[TaskEvent]:
    def choose(options: Sequence[T]) -> T:
        return draw(st.sampled_from(options))

    return grow(choose, draw(st.integers(0, 25)))


@dataclass
class Calls:
    """What the events of one operation say of its present generation."""

    generation: int
    asked: tuple[str, str]
    read: bool
    repeatable: bool
    in_doubt: set[int] = field(default_factory=set[int])
    succeeded: bool = False


def check_fencing(events: Sequence[TaskEvent]) -> None:
    """I2, I14: one claim at a time, each of another attempt, and no report but the holder's."""
    holder, ended, claimed = 0, False, list[int]()
    for event in events:
        assert not ended or isinstance(event, OperationObservedLate)
        if isinstance(event, REPORTS):
            assert event.attempt == holder
        if isinstance(event, TaskClaimed):
            assert not holder
            claimed.append(event.attempt)
            holder = event.attempt
        delta = claims_delta([event])
        if delta < 0:
            assert getattr(event, "attempt", None) == holder
            holder = 0
        assert delta or not isinstance(event, ENDS) or not holder
        ended = ended or isinstance(event, ENDS)
    assert claims_delta(events) == bool(holder)
    assert claimed == sorted(set(claimed))


def check_calls(events: Sequence[TaskEvent]) -> None:
    """I20, I22: no write in doubt is repeated unless it may be, and none in doubt gets a new generation."""
    operations = dict[int, Calls]()
    for event in events:
        match event:
            case OperationStarted():
                former = operations.get(event.index)
                begun = Calls(
                    event.generation,
                    (event.contract, event.arguments_digest),
                    read=event.effect is Effect.READ,
                    repeatable=event.repeatable,
                )
                if former is not None and former.generation == begun.generation:
                    assert former.asked == begun.asked
                    assert not former.succeeded
                    assert former.repeatable or not former.in_doubt
                    begun.in_doubt = former.in_doubt
                elif former is not None:
                    assert begun.generation == former.generation + 1
                    assert former.succeeded or former.read or not former.in_doubt
                begun.in_doubt.add(event.attempt)
                operations[event.index] = begun
            case OperationSucceeded() | OperationFailed() | OperationObservedLate():
                _tell(operations[event.index], event)
            case TaskSucceeded():
                assert all(
                    known.succeeded or known.read or not known.in_doubt for known in operations.values()
                )
            case _:
                pass


def _tell(operation: Calls, event: OperationSucceeded | OperationFailed | OperationObservedLate) -> None:
    assert isinstance(event, OperationObservedLate) or event.generation == operation.generation
    if event.generation == operation.generation and event.attempt in operation.in_doubt:
        succeeded = getattr(event, "failure", None) is None
        operation.succeeded |= succeeded
        if succeeded or getattr(event, "definite", False):
            operation.in_doubt.discard(event.attempt)


def repeats_a_write_in_doubt(events: Sequence[TaskEvent]) -> bool:
    began = [
        (event.index, event.generation)
        for event in events
        if isinstance(event, OperationStarted) and event.effect is not Effect.READ
    ]
    return len(began) > len(set(began))


def goes_on_after_an_unknown_outcome(events: Sequence[TaskEvent]) -> bool:
    kinds = [type(event) for event in events]
    return OutcomeUnknown in kinds and TaskReady in kinds[kinds.index(OutcomeUnknown) :]


def raises_a_generation(events: Sequence[TaskEvent]) -> bool:
    return any(isinstance(event, OperationStarted) and event.generation > 1 for event in events)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@over(histories())
def test_i02_i14_i20_i22_no_history_breaks_the_rules(events: list[TaskEvent]) -> None:
    check_fencing(events)
    check_calls(events)


def test_the_histories_meet_every_event_and_situation() -> None:
    grown = [grow(Random(seed).choice, 25) for seed in range(30)]
    assert {type(event) for events in grown for event in events} == set(get_args(TaskEvent))
    for situation in (repeats_a_write_in_doubt, goes_on_after_an_unknown_outcome, raises_a_generation):
        assert any(map(situation, grown)), situation.__name__


@over(st.permutations(EVENTS), st.integers(0, len(EVENTS)))
def test_evolve_is_total(events: list[TaskEvent], length: int) -> None:
    assert isinstance(fold(Task(), evolve, events[:length]), Task)
