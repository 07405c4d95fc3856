"""The conformance suite's hands on the event log in memory: they can do everything but measure memory."""

import copy
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from awe.adapters.clock import SystemClock
from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.wire import DUPLICATE, GOOD, LOST_REPLY, LOST_REQUEST, Fate
from support.conformance import Ability, Harness, QueuedMessage

PARTITION = "test.one"


class SkewedClock(SystemClock):
    """The machine's time, less what a test takes from it."""

    def __init__(self) -> None:
        self.behind_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() - self.behind_ms


class NextAppends:
    """Decides the fate of the next append calls, one each."""

    def __init__(self) -> None:
        self.fates: deque[Fate] = deque()

    def fate(self, operation: str) -> Fate:
        return self.fates.popleft() if operation == "append" and self.fates else GOOD


class MemoryHarness(Harness):
    """A fresh partition of a fresh server."""

    abilities = frozenset(Ability) - {Ability.MEMORY}

    def __init__(self) -> None:
        self.clock = SkewedClock()
        self.server = MemoryServer(self.clock)
        self.faults = NextAppends()
        self.clients: dict[tuple[str, int], MemoryEventLog] = {}

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncGenerator["MemoryHarness"]:
        """Close every client in the end."""
        harness = cls()
        try:
            yield harness
        finally:
            for client in harness.clients.values():
                await client.aclose()

    def _client(self, partition: str, number: int) -> MemoryEventLog:
        faults = None if number else self.faults
        made = MemoryEventLog(self.server, partition, faults=faults, reply_timeout_s=0.002, retry_s=0.001)
        return self.clients.setdefault((partition, number), made)

    async def log(self) -> MemoryEventLog:
        return self._client(PARTITION, 0)

    async def second_log(self) -> MemoryEventLog:
        return self._client(PARTITION, 1)

    async def other_partition(self) -> MemoryEventLog:
        return self._client("test.two", 2)

    async def lose_next_reply(self) -> None:
        self.faults.fates.append(LOST_REPLY)

    async def lose_next_request(self) -> None:
        self.faults.fates.append(LOST_REQUEST)

    async def duplicate_next_request(self) -> None:
        self.faults.fates.append(DUPLICATE)

    async def close(self) -> None:
        self.server.crash(PARTITION)

    async def heal(self) -> None:
        self.server.heal(PARTITION)

    async def halt(self) -> None:
        self.server.halt(PARTITION)

    async def restart(self) -> None:
        await self.lose_tail(0)

    async def lose_tail(self, count: int) -> None:
        self.server.crash(PARTITION, lost=count)
        self.server.heal(PARTITION)

    async def rebuild(self) -> None:
        self.server.lose_derived(PARTITION)
        self.server.heal(PARTITION)

    async def derived(self) -> object:
        return copy.deepcopy(self.server.partition(PARTITION).derived)

    async def messages(self, queue: str) -> Sequence[QueuedMessage]:
        return [
            QueuedMessage(
                event.id,
                event.n,
                event.run,
                event.aggregate,
                event.version,
                event.append_id,
                event.type,
                event.body,
            )
            for event in self.server.messages(PARTITION, queue)
        ]

    async def archive_to(self, n: int) -> None:
        self.server.archive(PARTITION, n)

    async def trim_to(self, n: int) -> None:
        self.server.trim(PARTITION, n)

    async def drop_index(self, run: str) -> bool:
        return self.server.drop_index(PARTITION, run)

    async def set_pressure(self, percent: int) -> None:
        self.server.partition(PARTITION).pressure = percent

    async def set_clock_back(self, ms: int) -> None:
        self.clock.behind_ms += ms
