"""Takes over what was delivered to a worker that never claimed it; what was claimed is the scheduler's affair (I14).

A delivery counts as forgotten when it is a lease old, and only by somebody who watched the log all that time: while a
server is away every delivery grows old (I15). The log decides what becomes of it, and what this worker has in hand it
never takes. What it left to others itself, it leaves to them for a lease more.
"""

import logging
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from awe.commands.log import EventLog, LogError
from awe.commands.worker.standing import Standing
from awe.commands.worker.worker import Worker
from awe.domain.scheduling.vigil import Vigil

_ROUNDS: Final = 3
"""Rounds in the time of a lease."""

_log = logging.getLogger(__name__)


class Delivery(NamedTuple):
    """A message that was delivered and not acknowledged; `idle_ms` have passed since, `times` times it was."""

    message_id: str
    consumer: str
    idle_ms: int
    times: int
    data: bytes


class Deliveries(Protocol):
    """The deliveries of one work queue in one partition."""

    @property
    def queue(self) -> str:
        """The queue's name."""
        ...

    @property
    def consumer(self) -> str:
        """Who takes over."""
        ...

    async def forgotten(self, idle_ms: int) -> Sequence[Delivery]:
        """Return deliveries that are at least that old.

        Raises:
            LogUnavailable: nobody can say.
        """
        ...

    async def take(self, delivery: Delivery, idle_ms: int) -> bool:
        """Take a delivery over, unless somebody else did or it is not that old any more.

        Raises:
            LogUnavailable: nothing is known of it.
        """
        ...


class Redelivery:
    """Watches the queues of one partition for one worker."""

    def __init__(self, worker: Worker, log: EventLog, queues: Sequence[Deliveries]) -> None:
        self._worker = worker
        self._log = log
        self._queues = queues
        self._lease_ms = worker.settings.lease_ms
        self._vigil = Vigil(self._lease_ms / 1000)
        self._claimed: dict[tuple[str, str], float] = {}
        """Messages whose tasks were found claimed, and when to look again."""

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            await self._worker.clock.sleep(self._lease_ms / 1000 / _ROUNDS)
            try:
                await self.round()
            except LogError as error:
                self._vigil.interrupted()
                _log.warning("Deliveries of %s were not looked at: %s", self._log.partition, error)
            except Exception:  # noqa: BLE001 (the next round may do better)
                _log.exception("Deliveries of %s were not looked at", self._log.partition)

    async def round(self) -> None:
        """Look once at what is old enough.

        Raises:
            LogError: the log cannot be asked.
        """
        clock = self._worker.clock
        head = await self._log.head()
        now = clock.monotonic()
        self._vigil.watch(now, head.epoch)
        if not self._vigil.may_declare(now):
            return
        self._claimed = {key: until for key, until in self._claimed.items() if until > now}
        for deliveries in self._queues:
            for delivery in await deliveries.forgotten(self._lease_ms):
                if not self._worker.has_room:
                    return
                await self._look(deliveries, delivery, now)

    async def _look(self, deliveries: Deliveries, delivery: Delivery, now: float) -> None:
        queue, message_id = deliveries.queue, delivery.message_id
        own = delivery.consumer == deliveries.consumer
        if (queue, message_id) in self._claimed or (own and delivery.idle_ms < 2 * self._lease_ms):
            return
        found = await self._worker.look(queue, message_id, delivery.data)
        if found is Standing.HELD:
            self._claimed[queue, message_id] = now + self._lease_ms / 1000
        elif found is Standing.OFFERED and await deliveries.take(delivery, self._lease_ms):
            await self._worker.accept(queue, message_id, delivery.data, delivery.times + 1)
