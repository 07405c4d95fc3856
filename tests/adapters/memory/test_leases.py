"""Leases in memory keep what every lease must, and can be lost on the way to the server and back."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from awe.adapters.memory.leases import MemoryRoleLease, MemoryTaskLeases
from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.wire import LOST_REPLY, Fate
from awe.commands.log import LogUnavailable, NewEvent, Unit
from support.contracts.role_leases import LONG_MS, RoleLeaseContract
from support.contracts.task_leases import FIRST, LEASE_MS, TaskLeasesContract


class Always:
    """Every request has the same fate."""

    def __init__(self, fate: Fate) -> None:
        self._fate = fate

    def fate(self, operation: str) -> Fate:  # noqa: ARG002 (any operation)
        return self._fate


class MemorySite:
    """Two partitions of a server, and one that is paused."""

    def __init__(self) -> None:
        self.server = MemoryServer()
        self.clients: list[MemoryRoleLease | MemoryTaskLeases] = []

    def lease(self, role: str = "scheduler", *, partition: int = 0) -> MemoryRoleLease:
        self.clients.append(made := MemoryRoleLease(self.server, f"test.{partition}", role))
        return made

    def leases(self, *, partition: int = 0) -> MemoryTaskLeases:
        self.clients.append(made := MemoryTaskLeases(self.server, f"test.{partition}"))
        return made

    async def now_ms(self) -> int:
        return self.server.clock.now_ms()

    async def put_last_event_at(self, time_ms: int) -> None:
        log = MemoryEventLog(self.server, "test.0")
        await log.append(Unit("ap-1", "r-00-a", (NewEvent("t:a", "awe.test/1", b"{}"),)))
        await log.aclose()
        partition = self.server.partition("test.0")
        last = partition.hot[-1]
        partition.hot[-1] = replace(last, event=last.event._replace(time_ms=time_ms))

    async def lose(self) -> None:
        self.server.lose_derived("test.0")
        self.server.heal("test.0")

    async def aclose(self) -> None:
        for client in self.clients:
            await client.aclose()


class MemoryRoleSite(MemorySite):
    def unreachable(self) -> MemoryRoleLease:
        server = MemoryServer()
        server.pause()
        self.clients.append(made := MemoryRoleLease(server, "test.0", "scheduler", reply_timeout_s=0.002))
        return made


class MemoryTaskSite(MemorySite):
    def unreachable(self) -> MemoryTaskLeases:
        server = MemoryServer()
        server.pause()
        self.clients.append(made := MemoryTaskLeases(server, "test.0", reply_timeout_s=0.002))
        return made


class TestRoleLeases(RoleLeaseContract):
    @pytest.fixture
    async def site(self) -> AsyncIterator[MemoryRoleSite]:
        site = MemoryRoleSite()
        yield site
        await site.aclose()


class TestTaskLeases(TaskLeasesContract):
    @pytest.fixture
    async def site(self) -> AsyncIterator[MemoryTaskSite]:
        site = MemoryTaskSite()
        yield site
        await site.aclose()


async def test_i15_a_lost_reply_leaves_the_lease_with_who_asked_for_it() -> None:
    server = MemoryServer()
    unlucky = MemoryRoleLease(server, "test.0", "scheduler", faults=Always(LOST_REPLY), reply_timeout_s=0.002)
    with pytest.raises(LogUnavailable):
        await unlucky.take("one", LONG_MS)
    other = MemoryRoleLease(server, "test.0", "scheduler")
    assert not await other.take("two", LONG_MS)
    assert await other.take("one", LONG_MS)
    await unlucky.aclose()


async def test_i15_a_restart_that_keeps_its_memory_keeps_leases_as_they_were() -> None:
    server = MemoryServer()
    leases = MemoryTaskLeases(server, "test.0")
    await leases.renew([FIRST], LEASE_MS)
    before = await leases.ends([FIRST])
    server.crash("test.0")
    assert await leases.ends([FIRST]) == before, "also while the partition is closed"
