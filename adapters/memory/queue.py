"""A work queue of a partition in memory, delivered as a consumer group delivers: once to one consumer, then pending.

A message is delivered again only when somebody takes it over, and is gone when the log says that it was acknowledged.
What the group remembers of deliveries outlives its consumers, and is lost with the server's memory of it (`forget`).
"""

import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from awe.adapters.memory.derived import MessageKey
from awe.adapters.memory.server import MemoryServer
from awe.commands.log import RecordedEvent
from awe.commands.worker.redelivery import Delivery


class Message(NamedTuple):
    """An event as the append that wrote it sent it along."""

    id: str
    data: bytes


@dataclass(slots=True)
class _Delivered:
    consumer: str
    at_ms: int
    times: int


class MemoryGroup:
    """The consumer group of one queue in one partition, shared by its consumers."""

    def __init__(self, server: MemoryServer, partition: str, queue: str) -> None:
        self.server = server
        self.partition = partition
        self.queue = queue
        self._delivered: dict[MessageKey, _Delivered] = {}

    def forget(self) -> None:
        """Lose what is known of deliveries; every message is new again."""
        self._delivered.clear()

    def read(self, consumer: str, limit: int) -> list[Message]:
        """Deliver up to so many messages that nobody got yet."""
        new: list[Message] = []
        for event in self._owed():
            key = event.n, event.append_id
            if len(new) < limit and key not in self._delivered:
                self._delivered[key] = _Delivered(consumer, self.server.clock.now_ms(), 1)
                new.append(message_of(event))
        return new

    def pending(self, consumer: str | None = None) -> list[str]:
        """The ids of what was delivered, to this consumer or any, and not acknowledged."""
        return [
            _id(event)
            for event in self._owed()
            if (known := self._delivered.get((event.n, event.append_id))) is not None
            and consumer in {None, known.consumer}
        ]

    def forgotten(self, idle_ms: int) -> list[Delivery]:
        """What was delivered so long ago and not acknowledged."""
        now_ms = self.server.clock.now_ms()
        found: list[Delivery] = []
        for event in self._owed():
            known = self._delivered.get((event.n, event.append_id))
            if known is not None and now_ms - known.at_ms >= idle_ms:
                message = message_of(event)
                found.append(
                    Delivery(message.id, known.consumer, now_ms - known.at_ms, known.times, message.data)
                )
        return found

    def take(self, consumer: str, message_id: str, idle_ms: int) -> bool:
        """Deliver again, to this consumer, what is still that old."""
        now_ms = self.server.clock.now_ms()
        for event in self._owed():
            known = self._delivered.get((event.n, event.append_id))
            if _id(event) == message_id and known is not None and now_ms - known.at_ms >= idle_ms:
                known.consumer, known.at_ms, known.times = consumer, now_ms, known.times + 1
                return True
        return False

    def _owed(self) -> Sequence[RecordedEvent]:
        owed = self.server.messages(self.partition, self.queue)
        if len(self._delivered) > len(owed):
            held = {(event.n, event.append_id) for event in owed}
            self._delivered = {key: known for key, known in self._delivered.items() if key in held}
        return owed


class MemoryConsumer:
    """One consumer of a group; implements `awe.commands.worker.redelivery.Deliveries`."""

    def __init__(self, group: MemoryGroup, consumer: str) -> None:
        self._group = group
        self.consumer = consumer

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self._group.queue

    async def forgotten(self, idle_ms: int) -> Sequence[Delivery]:
        """Return deliveries that are at least that old; see the port."""
        return self._group.forgotten(idle_ms)

    async def take(self, delivery: Delivery, idle_ms: int) -> bool:
        """Take a delivery over; see the port."""
        return self._group.take(self.consumer, delivery.message_id, idle_ms)

    async def feed(self, accept: Callable[[str, str, bytes], Coroutine[Any, Any, None]], batch: int) -> None:
        """Hand messages over as they come, until cancelled; the next are read when these were accepted (I17)."""
        bell = self._group.server.bell(self._group.partition)
        while True:
            heard = bell.rings
            messages = self._group.read(self.consumer, batch)
            for message in messages:
                await accept(self.queue, message.id, message.data)
            if not messages:
                await bell.past(heard)


def message_of(event: RecordedEvent) -> Message:
    """The message that an event became."""
    head = {
        "n": event.n,
        "run": event.run,
        "aggregate": event.aggregate,
        "version": event.version,
        "append": event.append_id,
        "type": event.type,
    }
    return Message(_id(event), json.dumps(head)[:-1].encode() + b', "event": ' + event.body + b"}")


def _id(event: RecordedEvent) -> str:
    return f"{event.n}-{event.append_id}"
