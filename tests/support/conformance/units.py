"""Units and questions in as few words as a test needs."""

import json
from collections.abc import Sequence
from typing import TypedDict, TypeVar, Unpack
from uuid import uuid4

from awe.commands.log import (
    Ack,
    Admission,
    Advance,
    Appended,
    CounterStep,
    EventLog,
    Expect,
    Guard,
    NewEvent,
    Outcome,
    Page,
    Position,
    RecordedEvent,
    Unit,
)
from support.conformance.harness import QueuedMessage

RUN = "r-00-one"
OTHER_RUN = "r-00-two"
BEGIN = Position(0, 0)

T = TypeVar("T")


def new_id() -> str:
    """Return an append id that was never used."""
    return uuid4().hex


def event(aggregate: str = "t:a", *, dispatch: str = "", body: bytes | None = None) -> NewEvent:
    """Return an event; its body is JSON unless given."""
    told = json.dumps({"data": {"of": aggregate}}).encode() if body is None else body
    return NewEvent(aggregate, "test.noted/1", told, dispatch)


class What(TypedDict, total=False):
    """What a unit may do besides adding events."""

    expects: Sequence[Expect]
    guard: Guard | None
    counters: Sequence[CounterStep]
    advance: Advance | None
    acks: Sequence[Ack]
    control: str | None
    claims: int
    admission: Admission
    absent_at: int


def unit(*events: NewEvent | str, run: str = RUN, **what: Unpack[What]) -> Unit:
    """Return a unit with a new id; a string stands for an event of that aggregate."""
    made = [event(each) if isinstance(each, str) else each for each in events]
    return Unit(new_id(), run, made, **what)


def ack(message: QueuedMessage, queue: str = "work") -> Ack:
    """Acknowledge a message."""
    return Ack(queue, message.id, message.n, message.append_id)


def after(aggregate: str, outcome: Outcome, by: Unit) -> Expect:
    """Expect the aggregate as a unit left it that wrote its first events."""
    appended(outcome)
    return Expect(aggregate, sum(each.aggregate == aggregate for each in by.events), by.id)


def appended(outcome: Outcome) -> Appended:
    """Return the outcome, which must be an append."""
    return a(Appended, outcome)


def a(kind: type[T], outcome: object) -> T:
    """Return the outcome, which must be of a kind."""
    assert isinstance(outcome, kind), f"expected {kind.__name__}, not {outcome}"
    return outcome


async def everything(log: EventLog, page: int = 500) -> Sequence[RecordedEvent]:
    """Read the log from its first event to its head."""
    events: list[RecordedEvent] = []
    at = BEGIN
    while True:
        found = a(Page, await log.read(at, page))
        if not found.events:
            return events
        events += found.events
        at = found.position


async def fill(log: EventLog, count: int, *, run: str = RUN) -> Sequence[Appended]:
    """Append that many events, each a unit and an aggregate of its own."""
    return [appended(await log.append(unit(f"t:{run}-{index}", run=run))) for index in range(count)]


def follows(events: Sequence[RecordedEvent], first: int = 1) -> None:
    """Check that the events are contiguous from a position on."""
    assert [each.n for each in events] == list(range(first, first + len(events)))
