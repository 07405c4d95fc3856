"""A subscription reads every event once, also those that its topics leave out, and waits on the log itself.

It goes on over restarts. When the log lost what it had read already, it says so: reading on from the same number
would skip what was written there since.
"""

from collections import deque
from collections.abc import Sequence
from functools import partial
from threading import Event, Lock

from eventsourcing.persistence import ApplicationRecorder, Notification, OperationalError, Subscription

from awe.adapters.eventsourcing.errors import translated
from awe.adapters.eventsourcing.journal import Journal
from awe.adapters.eventsourcing.notifications import notification
from awe.adapters.eventsourcing.patience import Patience
from awe.commands.log import EVENTS_PER_CALL, LogUnavailable, Position

_NOTICE_STOP_S = 0.05


class LogSubscription(Subscription[ApplicationRecorder]):
    """Iterates in one thread; any thread may stop it, and the iteration ends within a twentieth of a second."""

    def __init__(
        self,
        recorder: ApplicationRecorder,
        journal: Journal,
        patience: Patience,
        gt: int | None,
        topics: Sequence[str],
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._journal = journal
        self._patience = patience
        self._wanted = frozenset(topics)
        self._scanned: Position | None = None
        self._ready: deque[Notification] = deque()
        self._tail = journal.tail()
        self._stopping = Event()
        self._iterating = Lock()

    def stop(self) -> None:
        """End the iteration."""
        super().stop()
        self._stopping.set()
        if self._iterating.acquire(blocking=False):
            self._tail.close()
            self._iterating.release()

    def __next__(self) -> Notification:
        """Return the next notification; wait for it.

        Raises:
            OperationalError: the log is away for too long, or lost events that were read already.
        """
        with self._iterating, translated():
            while not self._stopping.is_set():
                if self._ready:
                    return self._ready.popleft()
                try:
                    self._read_on()
                except LogUnavailable:
                    if not self._stopping.is_set():
                        raise
            self._tail.close()
            raise StopIteration

    def _read_on(self) -> None:
        scanned = self._scanned or self._start()
        page = self._patience.ask(partial(self._journal.read, scanned.n, EVENTS_PER_CALL), self._stopping)
        if page.position.epoch != scanned.epoch:
            self._check_survival(scanned)
        self._scanned = page.position
        self._ready.extend(
            notification(event) for event in page.events if not self._wanted or event.type in self._wanted
        )
        while not page.events and not self._stopping.is_set():
            if self._tail.wait(page.position.n, _NOTICE_STOP_S):
                break

    def _start(self) -> Position:
        head = self._patience.ask(self._journal.head, self._stopping)
        start = Position(self._last_notification_id or 0, head.epoch)
        if start.n > head.n:
            raise _lost(self._journal.partition, start.n, head.n)
        return start

    def _check_survival(self, scanned: Position) -> None:
        common = self._patience.ask(partial(self._journal.common, scanned), self._stopping)
        if common < scanned.n:
            raise _lost(self._journal.partition, scanned.n, common)


def _lost(partition: str, known: int, common: int) -> OperationalError:
    return OperationalError(
        f"Notifications {common + 1} to {known} of {partition}, which this reader knows, are not in the log any more: "
        f"it lost them. Undo what they led to, and subscribe again from {common}."
    )
