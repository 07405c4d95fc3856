"""One process' client of one partition: repeats what was not answered, warms what is cold, reads over both tiers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeVar

from awe.adapters.memory.deciding import Cold
from awe.adapters.memory.server import MemoryServer, PartitionClosed, Trimmed
from awe.adapters.memory.wire import Faults, NoFaults, Unanswered, Wire
from awe.commands.log import (
    EVENTS_PER_CALL,
    LogUnavailable,
    Outcome,
    Page,
    Position,
    Rewound,
    RunHistory,
    Unit,
)
from awe.commands.unit_caps import check

T = TypeVar("T")

Orphaned = Callable[[Unit, Outcome], None]
"""Hears the outcome of a unit whose caller was cancelled: a claim, perhaps, that nobody wants."""


class MemoryEventLog:
    """The event log of one partition; ``aclose`` it when done.

    Args:
        server: where the partition is.
        partition: its name.
        faults: what happens to this client's requests.
        orphaned: told the outcomes that no caller waits for any more.
        reply_timeout_s: after how long without a reply a request is repeated.
        retry_s: the pause before a closed partition is asked again.
    """

    def __init__(
        self,
        server: MemoryServer,
        partition: str,
        *,
        faults: Faults | None = None,
        orphaned: Orphaned | None = None,
        reply_timeout_s: float = 1.0,
        retry_s: float = 0.01,
    ) -> None:
        self._server = server
        self._partition = partition
        self._orphaned = orphaned
        self._retry_s = retry_s
        self._wire = Wire(
            server.clock, server.awake, NoFaults() if faults is None else faults, reply_timeout_s
        )
        self._carried: set[asyncio.Task[Outcome]] = set()

    @property
    def partition(self) -> str:
        """The partition's name."""
        return self._partition

    async def append(self, unit: Unit) -> Outcome:
        """Append one unit; carried to its end also when the caller is cancelled.

        Raises:
            UnitTooLarge: before anything is sent.
            ValueError: likewise; the unit holds what no log can hold.
            LogCorrupt: the partition is halted.
            LogUnavailable: the log was closed meanwhile; the outcome is unknown.
        """
        check(unit)
        carried = asyncio.get_running_loop().create_task(self._carry(unit))
        self._carried.add(carried)
        carried.add_done_callback(self._carried.discard)
        try:
            await asyncio.wait({carried})
        except asyncio.CancelledError:
            carried.add_done_callback(partial(self._hand_back, unit))
            raise
        if carried.cancelled():
            raise LogUnavailable("The log was closed before the append was answered: its outcome is unknown.")
        return carried.result()

    async def read(self, after: Position, limit: int = EVENTS_PER_CALL) -> Page | Rewound:
        """Return up to ``limit`` events after a position, from whichever tier holds them."""
        found = await self._ask("read", partial(self._server.read, self._partition, after, limit))
        if not isinstance(found, Trimmed):
            return found
        events = await self._ask(
            "read_archive", partial(self._server.read_archive, self._partition, after.n, limit)
        )
        return Page(events, Position(after.n + len(events), found.head.epoch))

    async def follow(self, after: Position, limit: int = EVENTS_PER_CALL) -> AsyncIterator[Page | Rewound]:
        """Read from a position on and wait for more; goes on from the common position after ``Rewound``."""
        bell = self._server.bell(self._partition)
        while True:
            heard = bell.rings
            found = await self.read(after, limit)
            if isinstance(found, Rewound):
                after = found.common
                yield found
            elif found.events:
                after = found.position
                yield found
            else:
                after = found.position
                await bell.past(heard)

    async def history(self, run: str, aggregate: str | None = None) -> RunHistory:
        """Return every event of a run, or of one of its aggregates, from both tiers."""
        return await self._ask("history", partial(self._server.history, self._partition, run, aggregate))

    async def head(self) -> Position:
        """Return the position of the last event."""
        return await self._ask("head", partial(self._server.head, self._partition))

    async def reactor_position(self, reactor: str) -> Position:
        """Return where a reactor stands (``Position(0, 0)`` when it never moved)."""
        return await self._ask(
            "reactor_position", partial(self._server.reactor_position, self._partition, reactor)
        )

    async def aclose(self) -> None:
        """Stop carrying; who still waits for an append gets ``LogUnavailable``."""
        for carried in self._carried:
            carried.cancel()
        await asyncio.gather(*self._carried, return_exceptions=True)
        await self._wire.aclose()

    async def _carry(self, unit: Unit) -> Outcome:
        unknown = False
        while True:
            step = partial(self._server.append, self._partition, unit, maybe_repeated=unknown)
            try:
                told = await self._wire.call("append", step)
            except Unanswered:
                unknown = True
            except PartitionClosed:
                await self._server.clock.sleep(self._retry_s)
            else:
                if not isinstance(told, Cold):
                    return told
                unit = await self._warm(unit)

    async def _warm(self, unit: Unit) -> Unit:
        """Bring back the index of a cold run, or learn that it has no event; return the unit to send again."""
        index, archived = await self._ask(
            "read_archived_index", partial(self._server.read_archived_index, self._partition, unit.run)
        )
        if index is None:
            return unit._replace(absent_at=archived)
        await self._ask(
            "restore_index",
            partial(self._server.restore_index, self._partition, unit.run, index, archived),
        )
        return unit

    async def _ask(self, operation: str, serve: Callable[[], T]) -> T:
        """Have something served that may safely be repeated, and repeat it until it is answered."""
        while True:
            try:
                return await self._wire.call(operation, serve)
            except Unanswered:
                continue
            except PartitionClosed:
                await self._server.clock.sleep(self._retry_s)

    def _hand_back(self, unit: Unit, carried: asyncio.Task[Outcome]) -> None:
        if carried.cancelled() or carried.exception() is not None:
            return
        if self._orphaned is not None:
            self._orphaned(unit, carried.result())
