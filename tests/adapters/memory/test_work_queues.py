"""The watchdog's view of the queues in memory."""

from collections.abc import AsyncIterator, Sequence

import pytest

from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.work_queues import MemoryWorkQueues
from awe.commands.queues import Sent
from support.contracts.work_queues import QUEUE, WorkQueuesContract

PARTITION = "test.one"


class MemoryQueuesSite:
    def __init__(self) -> None:
        self.server = MemoryServer()
        self.log = MemoryEventLog(self.server, PARTITION)

    def queues(self) -> MemoryWorkQueues:
        return MemoryWorkQueues(self.server, PARTITION)

    def unreachable(self) -> MemoryWorkQueues:
        self.server.crash(PARTITION)
        return MemoryWorkQueues(self.server, PARTITION)

    async def lose(self, sent: Sent) -> None:
        del self.server.partition(PARTITION).derived.queues[QUEUE][sent.n, sent.append_id]

    async def bodies(self) -> Sequence[bytes]:
        return [event.body for event in self.server.messages(PARTITION, QUEUE)]

    async def archive_and_trim(self) -> None:
        head = (await self.log.head()).n
        self.server.archive(PARTITION, head)
        self.server.trim(PARTITION, head)


class TestWorkQueues(WorkQueuesContract):
    @pytest.fixture
    async def site(self) -> AsyncIterator[MemoryQueuesSite]:
        site = MemoryQueuesSite()
        yield site
        await site.log.aclose()
