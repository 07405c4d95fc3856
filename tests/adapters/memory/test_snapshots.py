"""Snapshots in memory keep what every snapshot must."""

from itertools import count

import pytest

from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.snapshots import MemorySnapshots
from awe.commands.log import NEW_RUN, NewEvent, Unit
from support.contracts.snapshots import SnapshotsContract

PARTITION = "test.one"


class MemorySnapshotsSite:
    """One partition of a server; all that is appended is archived at once."""

    def __init__(self) -> None:
        self.server = MemoryServer()
        self.numbers = count(1)

    def snapshots(self, manager: str = "scheduler") -> MemorySnapshots:
        return MemorySnapshots(self.server, PARTITION, manager)

    async def archive(self, count: int) -> None:
        log = MemoryEventLog(self.server, PARTITION)
        for _ in range(count):
            append_id = f"ap-{next(self.numbers)}"
            event = NewEvent("t:a", "awe.test/1", b"{}")
            await log.append(Unit(append_id, "r-00-a", (event,), absent_at=NEW_RUN))
        await log.aclose()
        self.server.archive(PARTITION, self.server.head(PARTITION).n)

    async def begin_epoch(self) -> None:
        self.server.crash(PARTITION)
        self.server.heal(PARTITION)

    async def lose_tail(self, count: int) -> None:
        partition = self.server.partition(PARTITION)
        del partition.cold[-count:]
        del partition.hot[-count:]


class TestSnapshots(SnapshotsContract):
    @pytest.fixture
    def site(self) -> MemorySnapshotsSite:
        return MemorySnapshotsSite()
