"""A worker: a bounded number of attempts at once, each a task of its own that nobody forgets.

Slots are shared by all streams: who hands a message over waits for one, and reads no further meanwhile (I17). Whatever
goes wrong in an attempt is reported on its task where it can be, and logged where it cannot.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any, Final

from awe.commands.append_ids import AppendIds
from awe.commands.blobs import Blobs
from awe.commands.clock import Clock
from awe.commands.leases import Held, TaskLeases
from awe.commands.log import EventLog, Expect, LogError, Outcome, Unit
from awe.commands.off_loop import OffLoop
from awe.commands.offers import Offer, read_offer
from awe.commands.tools import Tools
from awe.commands.worker.attempt import Attempt
from awe.commands.worker.hand_back import begins, hand_back
from awe.commands.worker.lease import Heartbeat
from awe.commands.worker.ports import Ports
from awe.commands.worker.record import load_record
from awe.commands.worker.settings import WorkerSettings
from awe.commands.worker.spans import NoSpans, Spans
from awe.commands.worker.standing import Standing, standing
from awe.domain.codec import Undecodable, UnknownEvent
from awe.domain.expressions import Expressions
from awe.domain.identifiers import partition_of
from awe.domain.schemas import Schemas
from awe.domain.vocabulary import CODEC

_GRACE_S: Final = 1.0
_LOOK_AGAIN_S: Final = 0.02

_log = logging.getLogger(__name__)


class Worker:
    """Works on the offers that it is given.

    Args:
        name: unique among all workers; stands in every claim.
        logs: the partitions that it serves, by number.
        task_leases: the leases of the same partitions.
        tools: what it can call.
        blobs: where large payloads lie.
        expressions: judges criteria.
        schemas: judges outputs.
        clock: time.
        ids: append ids of this process.
        settings: slots, lease, skew.
        spans: where attempts are traced, if they are.
        off_loop: runs what blocks; a simulation runs it in place.
    """

    def __init__(
        self,
        *,
        name: str,
        logs: Mapping[int, EventLog],
        task_leases: Mapping[int, TaskLeases],
        tools: Tools,
        blobs: Blobs,
        expressions: Expressions,
        schemas: Schemas,
        clock: Clock,
        ids: AppendIds,
        settings: WorkerSettings = WorkerSettings(),  # noqa: B008 (a frozen value)
        spans: Spans | None = None,
        off_loop: OffLoop = asyncio.to_thread,
    ) -> None:
        self.name = name
        self.settings = settings
        self.logs = logs
        self.clock = clock
        self._ports = Ports(
            name=name,
            tools=tools,
            blobs=blobs,
            expressions=expressions,
            schemas=schemas,
            clock=clock,
            ids=ids,
            settings=settings,
            off_loop=off_loop,
        )
        self._spans: Spans = NoSpans() if spans is None else spans
        self._heartbeats = {
            number: Heartbeat(leases, clock, settings.lease_ms) for number, leases in task_leases.items()
        }
        self._slots = asyncio.Semaphore(settings.slots)
        self._in_hand: set[Held] = set()
        self._attempts: set[asyncio.Task[None]] = set()
        self._handing_back: set[asyncio.Task[None]] = set()
        self._broken = asyncio.Event()
        self._fault: UnknownEvent | None = None

    @property
    def has_room(self) -> bool:
        """Whether an attempt could begin at once."""
        return not (self._slots.locked() or self._ports.closing or self._fault is not None)

    @property
    def at_work(self) -> int:
        """How many attempts and hand-backs are under way."""
        return len(self._attempts) + len(self._handing_back)

    async def accept(self, queue: str, message_id: str, data: bytes, deliveries: int = 1) -> None:
        """Wait for a free slot, start the attempt, and return.

        Args:
            queue: the work queue's name.
            message_id: the message in it.
            data: what the message says.
            deliveries: how often it was delivered to anybody, this time included.
        """
        found = self._read(queue, message_id, data)
        if found is None:
            return
        offer, number = found
        held = _held(offer)
        if held in self._in_hand:  # delivered twice to this worker
            return
        self._in_hand.add(held)
        try:
            await self._slots.acquire()
        except BaseException:
            self._in_hand.discard(held)
            raise
        if self._ports.closing or self._fault is not None:
            self._slots.release()
            self._in_hand.discard(held)
            return
        self._own(self._attempts, self._attempt(offer, number, held, deliveries))

    async def run(self) -> None:
        """Keep the leases of what runs, until cancelled; attempts go on while they are drained.

        Raises:
            UnknownEvent: a newer release wrote to a task that was offered here (I9).
        """
        async with asyncio.TaskGroup() as group:
            beating = [group.create_task(heartbeat.run()) for heartbeat in self._heartbeats.values()]
            await self._broken.wait()
            for task in beating:
                task.cancel()
        if self._fault is not None:
            raise self._fault

    async def drain(self, timeout_s: float) -> None:
        """Take nothing new, and let what runs end; what does not in time is stopped, and its lease ends by itself."""
        self._ports.closing = True
        await self._while(lambda: self.at_work, timeout_s)
        await _stop(self._attempts)
        # What was on its way to the log when its attempt was stopped may still be answered, and handed back.
        await self._while(lambda: len(self._handing_back) + len(self._ports.opening), _GRACE_S)
        await _stop(self._handing_back)
        await asyncio.gather(*(heartbeat.beat() for heartbeat in self._heartbeats.values()))

    async def look(self, queue: str, message_id: str, data: bytes) -> Standing:
        """How a message that was delivered to somebody stands; one that is obsolete is acknowledged on the way.

        Raises:
            LogError: the log cannot be asked.
        """
        read = self._read(queue, message_id, data)
        if read is None or _held(read[0]) in self._in_hand:
            return Standing.HELD
        (offer, number), ports = read, self._ports
        log = self.logs[number]
        try:
            record = await load_record(log, offer.run, offer.aggregate, ports.clock)
        except UnknownEvent as newer:
            self._give_up(newer)
            return Standing.HELD
        found = standing(record, offer)
        if found is Standing.OVER:  # as long as no loss brings it back
            expects = (Expect(offer.aggregate, record.version, record.append_id),)
            await log.append(Unit(ports.ids.new(), offer.run, expects=expects, acks=(offer.ack,)))
        return found

    def orphaned(self, unit: Unit, outcome: Outcome) -> None:
        """Hear of a unit whose caller is gone: a claim in it is handed back in the background (I8)."""
        offer = self._ports.opening.pop(unit.id, None)
        if begins(unit, outcome):
            self._own(self._handing_back, self._hand_back(unit, offer))

    def _read(self, queue: str, message_id: str, data: bytes) -> tuple[Offer, int] | None:
        """The offer in a message and its partition, if this worker can have anything to do with it."""
        try:
            offer = read_offer(queue, message_id, data, CODEC)
            number = partition_of(offer.run)
        except UnknownEvent as newer:
            self._give_up(newer)
            return None
        except (ValueError, Undecodable) as malformed:
            _log.error("A message is left where it is: %s", malformed)
            return None
        if number not in self.logs:
            _log.error(
                "Message %s of queue %r is of partition %d, not served here", message_id, queue, number
            )
            return None
        return offer, number

    async def _attempt(self, offer: Offer, number: int, held: Held, deliveries: int) -> None:
        heartbeat = self._heartbeats[number]
        try:
            with self._spans.attempt(offer) as span:
                attempt = Attempt(self._ports, self.logs[number], heartbeat, offer, deliveries)
                span.end_as(await attempt.run())
        except UnknownEvent as newer:
            self._give_up(newer)
        except LogError as error:
            _log.error(
                "Attempt %d of %s/%s ends without a report: %s", held.attempt, offer.run, offer.task, error
            )
        except Exception:  # noqa: BLE001 (nothing that went wrong may go unheard)
            _log.exception("Attempt %d of %s/%s ends without a report", held.attempt, offer.run, offer.task)
        finally:
            heartbeat.release(held)
            self._in_hand.discard(held)
            self._slots.release()

    async def _hand_back(self, unit: Unit, offer: Offer | None) -> None:
        try:
            await hand_back(self._ports, self.logs[partition_of(unit.run)], unit, offer)
        except Exception:  # noqa: BLE001 (nothing that went wrong may go unheard)
            _log.exception("A claim in run %s was not handed back; its lease ends by itself", unit.run)

    async def _while(self, busy: Callable[[], int], timeout_s: float) -> None:
        """Wait until nothing is under way any more, but no longer than that."""
        until = self.clock.monotonic() + timeout_s
        while busy() and (left_s := until - self.clock.monotonic()) > 0:
            await self.clock.sleep(min(left_s, _LOOK_AGAIN_S))

    def _give_up(self, newer: UnknownEvent) -> None:
        if self._fault is None:
            _log.error("This worker takes nothing any more: %s", newer)
            self._fault = newer
            self._broken.set()

    @staticmethod
    def _own(owned: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        owned.add(task)
        task.add_done_callback(owned.discard)


async def _stop(tasks: Collection[asyncio.Task[None]]) -> None:
    stopping = list(tasks)
    for task in stopping:
        task.cancel()
    await asyncio.gather(*stopping, return_exceptions=True)


def _held(offer: Offer) -> Held:
    return Held(offer.run, offer.aggregate, offer.ready.attempt)
