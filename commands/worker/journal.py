"""What one attempt appends, and the task as these appends leave it.

What begins something (claim, intent) carries the run's guard and waits while memory is short; what reports never does
(I7, I11). A report and the next intent are one append, and when that is refused the report goes alone. The message is
acknowledged in the append that ends the attempt, or once the log shows that it is over (I14).
"""

from collections.abc import Callable
from typing import Final

from awe.commands.leases import Held
from awe.commands.log import (
    Admission,
    Appended,
    Conflict,
    EventLog,
    Expect,
    Guard,
    Guarded,
    NewEvent,
    Outcome,
    Pressure,
    Unit,
)
from awe.commands.offers import Offer
from awe.commands.worker.late import observation
from awe.commands.worker.lease import Heartbeat
from awe.commands.worker.ports import Ports
from awe.commands.worker.record import Record, is_over, load_record
from awe.domain.events import Context, encode
from awe.domain.fold import fold
from awe.domain.run.state import ENDED, RunStatus
from awe.domain.task.decisions import cancel, claim
from awe.domain.task.events import TaskEvent, claims_delta
from awe.domain.task.state import Task, TaskStatus, evolve
from awe.domain.task.work import Control

Events = tuple[TaskEvent, ...]
Decide = Callable[[Task], Events]

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0
_UNRESTRICTED: Final = Guard(0)


class Stopped(Exception):  # noqa: N818 (an answer, not an error)
    """Nothing is left to do for this attempt here; `word` says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Journal:
    """Appends for one attempt."""

    def __init__(self, ports: Ports, log: EventLog, heartbeat: Heartbeat, offer: Offer) -> None:
        self._ports = ports
        self._log = log
        self._heartbeat = heartbeat
        self._offer = offer
        self._attempt = offer.ready.attempt
        self._context = Context(ports.name, "", offer.context.correlation_id, offer.context.traceparent)
        self._guard = _UNRESTRICTED
        self._told: Events = ()
        self._said: dict[str, Events] = {}
        """What this attempt appended, by append id: a server that lost its tail is told again."""
        self._refused: dict[str, Events] = {}
        """What was refused for want of memory: a copy of it that is still under way may yet be taken."""
        ready = evolve(Task(), offer.ready)
        self._record = Record(ready, offer.version, offer.append_id, offer.append_id)
        self.task = ready
        """The task with all that was appended, and with what is told and not appended yet."""

    @property
    def held(self) -> bool:
        """Whether this attempt holds the claim, as far as its own appends tell."""
        return self._record.task.status is TaskStatus.CLAIMED

    def expect(self, control: Control) -> None:
        """Take the control version that the work was decided from."""
        if control.version:
            self._guard = Guard(control.version, control.append_id)

    async def recall(self) -> None:
        """Read what earlier attempts left.

        Raises:
            Stopped: the task is not offered to this attempt any more.
        """
        record = await self._load()
        await self._require_offered(record)
        self._take(record)

    async def begin(self, decide: Decide) -> None:
        """Append what is decided from the held task, with the claim if it is not held yet, and with what is told.

        Raises:
            Stopped: it must not begin.
        """
        pause_s = _FIRST_PAUSE_S
        self._refused = {}
        while True:
            held = self.held
            lead = self._told if held else self._claim()
            before = self.task if held else fold(self.task, evolve, lead)
            following = decide(before)
            after = fold(before, evolve, following)
            begins = after.status is TaskStatus.CLAIMED
            if held and not begins:
                await self.report(following)
                return
            events = (*lead, *following)
            unit = self._unit(events, after, guard=self._guard, begins=begins)
            match await self._open(unit):
                case Appended():
                    self._appended(unit, events, after)
                    return
                case Conflict():
                    if await self._reload():
                        return
                case Guarded() as refused:
                    await self._restricted(refused)
                case Pressure():
                    self._refused[unit.id] = events
                    await self._report_told()
                    if not self._said.keys().isdisjoint(self._refused):
                        return
                    if self._ports.closing and not self.held:
                        raise Stopped("left")
                    await self._ports.clock.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                case other:
                    raise _unasked(other)

    def tell(self, events: Events) -> None:
        """Take what happened; it is appended with what comes next."""
        self._told = (*self._told, *events)
        self.task = fold(self.task, evolve, events)

    def take_back(self) -> None:
        """Forget what was told and not appended."""
        self._told = ()
        self.task = self._record.task

    async def report(self, events: Events = ()) -> None:
        """Append what is told and what follows; nothing but a lost claim refuses it.

        Raises:
            Stopped: the claim was lost; what was told is in the log as observed late (I21).
            UnitTooLarge: nothing was appended.
        """
        self.tell(events)
        await self._report_told()

    async def _report_told(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while self._told:
            unit = self._unit(self._told, self.task)
            outcome = await self._log.append(unit)
            while isinstance(outcome, Pressure):  # not a byte is left
                await self._ports.clock.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                outcome = await self._log.append(unit)
            match outcome:
                case Appended():
                    self._appended(unit, self._told, self.task)
                case Conflict():
                    await self._reload()
                case other:
                    raise _unasked(other)

    async def _restricted(self, refused: Guarded) -> None:
        """The run was restricted since the work was decided: nothing begins any more, or it begins all the same."""
        status = RunStatus(refused.state)
        await self._report_told()
        if status in ENDED and not self.held:
            await self._append_alone(())
            raise Stopped("run_ended")
        if status in ENDED or status is RunStatus.CANCELLING:
            await self.report(cancel(self.task, reason=f"the run is {status}"))
            raise Stopped("cancelled")
        self._guard = Guard(refused.version, refused.append_id)

    async def _reload(self) -> bool:
        """Somebody else wrote to the task, or this attempt did: see whether it is still this attempt's.

        Returns:
            Whether what was refused is in the log after all.

        Raises:
            Stopped: it is not.
        """
        record = await self._load()
        if record.append_id in self._refused:
            self._arrived(record)
            return True
        if not self.held:
            await self._require_offered(record)
        elif record.task.status is not TaskStatus.CLAIMED or record.claimed_by != self._record.claimed_by:
            await self._observe_late(record)
            raise Stopped("fenced")
        else:
            self._tell_again(record)
        self._take(record)
        return False

    def _arrived(self, record: Record) -> None:
        """A unit that was refused is in the log, with what was told then."""
        if not self.held and record.task.status is TaskStatus.CLAIMED:
            self._heartbeat.hold(Held(self._offer.run, self._offer.aggregate, self._attempt))
        self._said[record.append_id] = self._refused[record.append_id]
        self._told = ()
        self._take(record)

    def _tell_again(self, record: Record) -> None:
        """The claim is in the log, and what followed it may have been lost with the log's tail."""
        lost = [append_id for append_id in self._said if append_id not in record.appends]
        self._told = (*(event for append_id in lost for event in self._said.pop(append_id)), *self._told)

    async def _require_offered(self, record: Record) -> None:
        task = record.task
        if is_over(task, self._attempt):
            await self._acknowledge(record)
            raise Stopped("obsolete")
        if task.attempt != self._attempt or record.offered_by != self._offer.append_id:
            raise Stopped("replaced")  # the log lost this offer
        if task.status is not TaskStatus.READY:
            raise Stopped("claimed_elsewhere")

    async def _observe_late(self, record: Record) -> None:
        seen = observation(record.task, self._told, self._offer.run, self._offer.task)
        over = is_over(record.task, self._attempt)
        if seen is not None:
            await self._append_alone(seen.events, seen.append_id, acknowledge=over)
        elif over:
            await self._acknowledge(record)

    async def _acknowledge(self, record: Record) -> None:
        """Take the message away while the task stands as it was seen: a loss may bring both back (I14)."""
        offer = self._offer
        expects = (Expect(offer.aggregate, record.version, record.append_id),)
        unit = Unit(self._ports.ids.new(), offer.run, expects=expects, acks=(offer.ack,))
        pause_s = _FIRST_PAUSE_S
        while isinstance(await self._log.append(unit), Pressure):
            await self._ports.clock.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _append_alone(
        self, events: Events, append_id: str | None = None, *, acknowledge: bool = True
    ) -> None:
        """Append without expecting anything of the task."""
        acks = (self._offer.ack,) if acknowledge else ()
        unit = Unit(append_id or self._ports.ids.new(), self._offer.run, self._written(events), acks=acks)
        pause_s = _FIRST_PAUSE_S
        while isinstance(await self._log.append(unit), Pressure):
            await self._ports.clock.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _open(self, unit: Unit) -> Outcome:
        """Append what begins something; whoever is cancelled here leaves the offer behind for `hand_back` (I8)."""
        self._ports.opening[unit.id] = self._offer
        try:
            outcome = await self._log.append(unit)
        except Exception:
            self._ports.opening.pop(unit.id, None)
            raise
        self._ports.opening.pop(unit.id, None)
        return outcome

    def _claim(self) -> Events:
        return claim(
            self.task,
            attempt=self._attempt,
            worker=self._ports.name,
            lease_ms=self._ports.settings.lease_ms,
        )

    def _unit(self, events: Events, after: Task, *, guard: Guard | None = None, begins: bool = False) -> Unit:
        record, offer = self._record, self._offer
        return Unit(
            self._ports.ids.new(),
            offer.run,
            self._written(events),
            (Expect(offer.aggregate, record.version, record.append_id),),
            guard=guard,
            acks=(offer.ack,) if is_over(after, self._attempt) else (),
            claims=claims_delta(events),
            admission=Admission.CLAIM if begins else Admission.REPORT,
        )

    def _written(self, events: Events) -> tuple[NewEvent, ...]:
        aggregate, context = self._offer.aggregate, self._context
        return tuple([NewEvent(aggregate, event.event_type, encode(event, context)) for event in events])

    def _appended(self, unit: Unit, events: Events, after: Task) -> None:
        former = self._record
        self._said[unit.id] = events
        if unit.claims > 0:
            self._heartbeat.hold(Held(self._offer.run, self._offer.aggregate, self._attempt))
        self._record = Record(
            after,
            former.version + len(unit.events),
            unit.id,
            former.offered_by,
            former.claimed_by if self.held else unit.id,
        )
        self._told = ()
        self.task = after

    async def _load(self) -> Record:
        return await load_record(self._log, self._offer.run, self._offer.aggregate, self._ports.clock)

    def _take(self, record: Record) -> None:
        self._record = record
        self.task = fold(record.task, evolve, self._told)


def _unasked(outcome: Outcome) -> AssertionError:
    return AssertionError(f"an append without counters or position was answered {outcome}")
