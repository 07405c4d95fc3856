"""Holds a position all the time: follows the log, and takes back what it is told did not survive."""

import asyncio
from collections.abc import Sequence

from awe.commands.log import EventLog, Page, Position, RecordedEvent


class Holder:
    """A reader that must end up with exactly the log, whatever was lost in between."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.events: list[RecordedEvent] = []
        self.rewound = 0

    async def run(self) -> None:
        async for found in self._log.follow(Position(0, 0)):
            if isinstance(found, Page):
                self.events.extend(found.events)
            else:
                del self.events[found.common.n :]
                self.rewound += 1

    async def caught_up(self, count: int) -> Sequence[RecordedEvent]:
        """Wait until as many events were seen."""
        async with asyncio.timeout(60):
            while len(self.events) < count:  # noqa: ASYNC110 (whoever appends does not know of the holder)
                await asyncio.sleep(0.005)
        return self.events
