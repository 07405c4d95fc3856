"""The lease of one role of a partition: one key that its server ends, taken and given up by one script.

A restart or failover may lose the key, or bring back one that was given up or had another holder. Then two processes
believe in the role for a while, or none has it until the key ends: that costs work and no more, since each unit is
decided by the versions it expects (I12, I15). So healing neither needs nor touches it.
"""

from contextlib import suppress

from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.scripts import evaluate
from awe.commands.log import LogUnavailable

_NOW = 0


class RedisRoleLease:
    """Implements `awe.commands.leases.RoleLease`."""

    def __init__(self, client: AsyncClient, partition: str, role: str) -> None:
        self._client = client
        self._partition = partition
        self._key = Keys(partition).lease(role)

    async def take(self, holder: str, lease_ms: int) -> bool:
        """Take or renew the lease; see the port."""
        if lease_ms <= 0:
            raise ValueError(f"A lease must last at least 1 ms, not {lease_ms}.")
        return await self._set(holder, lease_ms)

    async def give_up(self, holder: str) -> None:
        """End the lease if this holder has it; see the port."""
        with suppress(LogUnavailable):
            await self._set(holder, _NOW)

    async def _set(self, holder: str, lease_ms: int) -> bool:
        try:
            return bool(await evaluate(self._client, "role_lease", 1, self._key, holder, lease_ms))
        except (*UNREACHABLE, RedisError) as error:
            raise LogUnavailable(f"Partition {self._partition} cannot be asked now: {error}") from error
