"""Leases in memory, on the server's clock; like on real servers they may be lost, and are asked for over a wire.

A restart keeps them as they were (`MemoryServer.crash`) or loses them (`lose_derived`); neither may cost more than
work (I15). Unlike an append, a request is not repeated: who renews comes again anyway.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from awe.adapters.memory.partition import RoleHeld
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.wire import Faults, NoFaults, Unanswered, Wire
from awe.commands.leases import Held
from awe.commands.log import LogUnavailable

T = TypeVar("T")


class _Client:
    """One process' way to one partition; ``aclose`` it when done."""

    def __init__(
        self,
        server: MemoryServer,
        partition: str,
        faults: Faults | None,
        reply_timeout_s: float,
    ) -> None:
        self._server = server
        self._partition = partition
        self._wire = Wire(
            server.clock, server.awake, NoFaults() if faults is None else faults, reply_timeout_s
        )

    async def aclose(self) -> None:
        """Let requests that are still under way go."""
        await self._wire.aclose()

    async def _ask(self, operation: str, serve: Callable[[], T]) -> T:
        try:
            return await self._wire.call(operation, serve)
        except Unanswered as error:
            raise LogUnavailable(
                f"Partition {self._partition} cannot be asked now: no reply came in time."
            ) from error


class MemoryRoleLease(_Client):
    """Implements `awe.commands.leases.RoleLease`."""

    def __init__(
        self,
        server: MemoryServer,
        partition: str,
        role: str,
        *,
        faults: Faults | None = None,
        reply_timeout_s: float = 1.0,
    ) -> None:
        super().__init__(server, partition, faults, reply_timeout_s)
        self._role = role

    async def take(self, holder: str, lease_ms: int) -> bool:
        """Take or renew the lease; see the port."""
        if lease_ms <= 0:
            raise ValueError(f"A lease must last at least 1 ms, not {lease_ms}.")
        return await self._ask("take_role", partial(self._take, holder, lease_ms))

    async def give_up(self, holder: str) -> None:
        """End the lease if this holder has it; see the port."""
        with suppress(LogUnavailable):
            await self._ask("give_up_role", partial(self._give_up, holder))

    def _take(self, holder: str, lease_ms: int) -> bool:
        roles, now_ms = self._server.partition(self._partition).roles, self._server.clock.now_ms()
        held = roles.get(self._role)
        if held is not None and held.holder != holder and held.until_ms > now_ms:
            return False
        roles[self._role] = RoleHeld(holder, now_ms + lease_ms)
        return True

    def _give_up(self, holder: str) -> None:
        roles = self._server.partition(self._partition).roles
        held = roles.get(self._role)
        if held is not None and held.holder == holder:
            del roles[self._role]


class MemoryTaskLeases(_Client):
    """Implements `awe.commands.leases.TaskLeases`."""

    def __init__(
        self,
        server: MemoryServer,
        partition: str,
        *,
        faults: Faults | None = None,
        reply_timeout_s: float = 1.0,
    ) -> None:
        super().__init__(server, partition, faults, reply_timeout_s)

    async def renew(self, held: Sequence[Held], lease_ms: int, released: Sequence[Held] = ()) -> None:
        """Renew and forget in one step; see the port."""
        await self._ask("renew_leases", partial(self._renew, tuple(held), lease_ms, tuple(released)))

    async def ends(self, held: Sequence[Held]) -> Mapping[Held, int]:
        """Return the ends of those renewed at all; see the port."""
        return await self._ask("lease_ends", partial(self._ends, tuple(held)))

    def _renew(self, held: Sequence[Held], lease_ms: int, released: Sequence[Held]) -> None:
        partition = self._server.partition(self._partition)
        end = max(self._server.clock.now_ms(), partition.time_ms) + lease_ms
        partition.leases.update(dict.fromkeys(held, end))
        for each in released:
            partition.leases.pop(each, None)

    def _ends(self, held: Sequence[Held]) -> Mapping[Held, int]:
        leases = self._server.partition(self._partition).leases
        return {each: leases[each] for each in held if each in leases}
