"""One follower of each partition for all who subscribe in this process, as long as there are any.

A subscriber joins first and reads what was before then, so nothing falls in between; what it has twice it drops by its
position.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.event import Event, event
from awe.api.graphql.mailbox import Mailbox
from awe.commands.log import EventLog, LogError, Page, Position, Rewound

_log = logging.getLogger(__name__)


class News(NamedTuple):
    """Events behind which a subscriber stands at `position`; `rewound`: the log goes on from `position`."""

    position: Position
    events: Sequence[Event] = ()
    rewound: bool = False


NewsBox = Mailbox[News]


class Followers:
    """The partitions' followers; ``aclose`` ends every subscription."""

    def __init__(self, logs: Mapping[int, EventLog], *, most: int, waiting: int) -> None:
        """``most`` subscribers at a time, for each of whom up to ``waiting`` events wait."""
        self._partitions = {number: _Partition(number, log) for number, log in logs.items()}
        self._most = most
        self._waiting = waiting
        self._subscribers = 0
        self._closed = False

    @asynccontextmanager
    async def subscribed(self) -> AsyncGenerator[None]:
        """Take one of the places for subscribers.

        Raises:
            Refused: there is none.
        """
        if self._closed or self._subscribers >= self._most:
            raise Refused(
                Code.OVERLOADED, "This server has no room for another subscriber now. Try again later."
            )
        self._subscribers += 1
        try:
            yield
        finally:
            self._subscribers -= 1

    @asynccontextmanager
    async def joined(self, partition: int, run: str | None) -> AsyncGenerator[NewsBox]:
        """Hear of a run, or of all runs, in a partition from now on.

        Raises:
            LogUnavailable: the partition cannot be asked where it stands.
        """
        box: NewsBox = Mailbox(self._waiting)
        if self._closed:
            box.close()
        async with self._partitions[partition].joined(run, box):
            yield box

    async def aclose(self) -> None:
        """End all subscriptions, and take no more."""
        self._closed = True
        for partition in self._partitions.values():
            await partition.aclose()


class _Partition:
    def __init__(self, number: int, log: EventLog) -> None:
        self._number = number
        self._log = log
        self._boxes: dict[str | None, set[NewsBox]] = defaultdict(set)
        self._follower: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    @asynccontextmanager
    async def joined(self, run: str | None, box: NewsBox) -> AsyncGenerator[None]:
        async with self._starting:
            if self._follower is None or self._follower.done():
                head = await self._log.head()
                self._follower = asyncio.get_running_loop().create_task(self._follow(head))
            self._boxes[run].add(box)
        try:
            yield
        finally:
            self._boxes[run].discard(box)
            if not self._boxes[run]:
                del self._boxes[run]
            if not self._boxes:
                self._stop()

    async def aclose(self) -> None:
        follower = self._follower
        self._close_all()
        self._stop()
        if follower is not None:
            await asyncio.wait({follower})

    def _stop(self) -> None:
        if self._follower is not None:
            self._follower.cancel()
            self._follower = None

    async def _follow(self, head: Position) -> None:
        try:
            async for found in self._log.follow(head):
                if isinstance(found, Rewound):
                    self._tell_all(News(found.common, rewound=True))
                else:
                    self._tell(found)
        except LogError as error:
            _log.warning("Subscriptions to partition %02d end: %s", self._number, error)
            self._close_all()

    def _tell(self, page: Page) -> None:
        """Give each run's subscribers its events: the same objects to all."""
        told: dict[str, list[Event]] = {}
        everything = None in self._boxes
        for recorded in page.events:
            if everything or recorded.run in self._boxes:
                told.setdefault(recorded.run, []).append(event(recorded, self._number, page.position.epoch))
        for run, events in told.items():
            for box in self._boxes.get(run, ()):
                box.put(News(page.position, events), len(events))
        if everything:
            events = [each for of in told.values() for each in of]
            for box in self._boxes[None]:
                box.put(News(page.position, events), len(events))

    def _tell_all(self, news: News) -> None:
        for boxes in self._boxes.values():
            for box in boxes:
                box.put(news)

    def _close_all(self) -> None:
        for boxes in self._boxes.values():
            for box in boxes:
                box.close()
