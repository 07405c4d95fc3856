"""One partition of the hot tier as the archiver sees it; whatever it writes counts only in the epoch it names."""

from collections.abc import Awaitable, Sequence
from typing import Any

from awe.adapters.redis_streams import obligations
from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError
from awe.adapters.redis_streams.entries import begins_unit, raw
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.looking import at_once
from awe.adapters.redis_streams.scripts import evaluate
from awe.commands.log import EVENTS_PER_CALL
from awe.projections.ports import Duties, HotBatch, HotUnavailable
from awe.projections.stored import StoredEntry

BLOCK_MS = 2_000


class RedisHotTier:
    """Implements `awe.projections.ports.HotTier`."""

    def __init__(self, client: AsyncClient, partition: str) -> None:
        self._client = client
        self._keys = Keys(partition)

    @property
    def partition(self) -> str:
        """The partition's name."""
        return self._keys.partition

    async def read(self, after: int, limit: int) -> HotBatch:
        """Return whole units after a position and the partition's state in one step; see the port."""
        asked = (
            max(limit, EVENTS_PER_CALL) + 1
        )  # what ends a first unit that is longer than the limit is there
        meta, found = await self._asked(
            at_once(
                self._client,
                ("HMGET", self._keys.meta, "epoch", "state", "n", "archived"),
                ("XRANGE", self._keys.log, f"{after + 1}-0", "+", "COUNT", asked),
            )
        )
        epoch, state, n, archived = meta
        entries = [raw(entry) for entry in found]
        return HotBatch(
            int(epoch or 0),
            state == b"open",
            int(n or 0),
            int(archived or 0),
            entries[: _whole(entries, limit)],
        )

    async def wait(self, after: int) -> None:
        """Return when there may be an entry after a position, or after a while; see the port."""
        command = ("XREAD", "COUNT", 1, "BLOCK", BLOCK_MS, "STREAMS", self._keys.log, f"{after}-0")
        await self._asked(self._client.execute_command(*command))

    def duties(self, entries: Sequence[StoredEntry]) -> Duties:
        """Return what entries change of what the log owes; see the port."""
        return obligations.duties(entries)

    async def mark_archived(self, n: int, epoch: int) -> None:
        """Raise the mark of what is archived; see the port."""
        await self._evaluate("archived", 1, self._keys.meta, epoch, n)

    async def trim(self, n: int, epoch: int) -> None:
        """Drop entries before a position, never the last one; see the port."""
        await self._evaluate("trim", 2, self._keys.meta, self._keys.log, epoch, n)

    async def close(self, epoch: int) -> None:
        """Close the partition for the healer; see the port."""
        await self._evaluate("stop", 1, self._keys.meta, "epoch", epoch, "closed", "")

    async def halt(self, epoch: int, report: str) -> None:
        """Stop the partition with a report; see the port."""
        await self._evaluate("stop", 1, self._keys.meta, "epoch", epoch, "halted", report)

    async def _evaluate(self, script: str, *arguments: Any) -> None:
        await self._asked(evaluate(self._client, script, *arguments))

    async def _asked(self, call: Awaitable[Any]) -> Any:
        try:
            reply = await call
        except (*UNREACHABLE, RedisError) as error:
            raise HotUnavailable(f"Redis does not answer for partition {self.partition}: {error}") from error
        heed_cancel()
        return reply


def _whole(entries: Sequence[StoredEntry], limit: int) -> int:
    """Return how many of the entries are whole units within the limit, or the first unit if that is longer.

    The last unit counts as whole when nothing follows it: an append is one step.
    """
    count = len(entries)
    if count <= limit:
        return count
    within, beyond = range(limit, 0, -1), range(limit + 1, count)
    return next((at for at in (*within, *beyond) if begins_unit(entries[at])), count)
