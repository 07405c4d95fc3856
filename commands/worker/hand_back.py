"""A claim whose attempt is gone before it was answered is handed back at once, not after its lease (I8)."""

from typing import cast

from awe.commands.clock import Clock
from awe.commands.log import Appended, Conflict, EventLog, Expect, NewEvent, Outcome, Pressure, Unit
from awe.commands.offers import Offer
from awe.commands.worker.ports import Ports
from awe.commands.worker.record import Record, load_record
from awe.domain.events import Context, encode
from awe.domain.failures import FailureClass
from awe.domain.fold import fold
from awe.domain.identifiers import RunId, task_of_aggregate
from awe.domain.task.calls import fail_operation
from awe.domain.task.decisions import fail
from awe.domain.task.events import OperationStarted, TaskClaimed, TaskEvent, claims_delta
from awe.domain.task.state import TaskStatus, evolve

_BEGINNING = frozenset({TaskClaimed.event_type, OperationStarted.event_type})
_MESSAGE = "its worker was stopped before it made the call"
_PAUSE_S = 1.0


def begins(unit: Unit, outcome: Outcome) -> bool:
    """Whether the unit left a claim, or an intent, that nobody follows up."""
    return (
        isinstance(outcome, Appended)
        and any(event.type in _BEGINNING for event in unit.events)
        and unit.claims >= 0
    )


async def hand_back(ports: Ports, log: EventLog, unit: Unit, offer: Offer | None) -> None:
    """Let the attempt end as one that never called, so that the task is offered again."""
    aggregate = unit.events[0].aggregate
    while True:
        record = await load_record(log, unit.run, aggregate, ports.clock)
        if record.task.status is not TaskStatus.CLAIMED or unit.id not in {
            record.claimed_by,
            record.append_id,
        }:
            return
        events = _never_called(record, unit.run, aggregate, ports.clock, ports.settings.skew_ms)
        context = (
            Context(ports.name)
            if offer is None
            else offer.context._replace(actor=ports.name, causation_id="")
        )
        outcome = await log.append(
            Unit(
                ports.ids.new(),
                unit.run,
                tuple(NewEvent(aggregate, event.event_type, encode(event, context)) for event in events),
                (Expect(aggregate, record.version, record.append_id),),
                acks=() if offer is None else (offer.ack,),
                claims=claims_delta(events),
            )
        )
        if not isinstance(outcome, Conflict | Pressure):
            return
        if isinstance(outcome, Pressure):
            await ports.clock.sleep(_PAUSE_S)


def _never_called(
    record: Record, run: str, aggregate: str, clock: Clock, skew_ms: int
) -> tuple[TaskEvent, ...]:
    task, attempt = record.task, record.task.attempt
    events: tuple[TaskEvent, ...] = ()
    operation = task.open_operation
    if operation is not None:
        events = fail_operation(
            task,
            attempt=attempt,
            index=operation.index,
            generation=operation.generation,
            failure=FailureClass.TRANSPORT,
            message=_MESSAGE,
            sent=False,
            now_ms=clock.now_ms(),
            skew_ms=skew_ms,
        )
    verdict = fail(
        fold(task, evolve, events),
        attempt=attempt,
        failure=FailureClass.TRANSPORT,
        message=_MESSAGE,
        identity=f"{cast('RunId', run)}/{task_of_aggregate(aggregate)}",
    )
    return (*events, *verdict)
