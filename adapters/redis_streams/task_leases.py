"""The leases of a partition's claimed tasks: one hash from attempt to end, renewed by one script call for many tasks.

Ends count from the partition's time, which is the server's and never goes back (I10), and are no events (I14). A restart
or failover may lose the hash, or bring back older ends: then a worker that lives looks dead or a dead one alive for
up to a lease, which costs work and no more. Who judges by these ends waits after an outage (I15). Healing neither
needs nor touches the hash. A lease that ended an hour ago may be forgotten: its claim ended even earlier.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.scripts import evaluate
from awe.commands.leases import Held
from awe.commands.log import LogUnavailable

_PER_COMMAND = 1_000


class RedisTaskLeases:
    """Implements `awe.commands.leases.TaskLeases`."""

    def __init__(self, client: AsyncClient, partition: str) -> None:
        self._client = client
        self._keys = Keys(partition)

    async def renew(self, held: Sequence[Held], lease_ms: int, released: Sequence[Held] = ()) -> None:
        """Renew and forget in one step; see the port."""
        if not held and not released:
            return
        fields = [*map(_field, held), *map(_field, released)]
        try:
            await evaluate(
                self._client,
                "task_leases",
                2,
                self._keys.leases,
                self._keys.meta,
                lease_ms,
                len(held),
                *fields,
            )
        except (*UNREACHABLE, RedisError) as error:
            raise self._unavailable(error) from error

    async def ends(self, held: Sequence[Held]) -> Mapping[Held, int]:
        """Return the ends of those renewed at all; see the port."""
        found: dict[Held, int] = {}
        for at in range(0, len(held), _PER_COMMAND):
            asked = held[at : at + _PER_COMMAND]
            found.update(
                (each, int(end))
                for each, end in zip(asked, await self._values(asked), strict=True)
                if end is not None
            )
        return found

    async def _values(self, held: Sequence[Held]) -> Sequence[Any]:
        try:
            found: Sequence[Any] = await self._client.execute_command(
                "HMGET", self._keys.leases, *map(_field, held)
            )
        except (*UNREACHABLE, RedisError) as error:
            raise self._unavailable(error) from error
        heed_cancel()
        return found

    def _unavailable(self, error: Exception) -> LogUnavailable:
        return LogUnavailable(f"Partition {self._keys.partition} cannot be asked now: {error}")


def _field(held: Held) -> str:
    return f"{held.run}|{held.aggregate}|{held.attempt}"
