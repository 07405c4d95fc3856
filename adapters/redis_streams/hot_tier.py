"""One partition of the hot tier as the archiver sees it; whatever it writes counts only in the epoch it names."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from itertools import accumulate, takewhile
from typing import Any

from awe.adapters.redis_streams import obligations
from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError
from awe.adapters.redis_streams.entries import begins_unit, raw
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.looking import at_once
from awe.adapters.redis_streams.scripts import evaluate
from awe.commands.log import BYTES_PER_EVENT, EVENTS_PER_CALL
from awe.projections.ports import Duties, HotBatch, HotUnavailable
from awe.projections.stored import StoredEntry

BLOCK_MS = 2_000


class RedisHotTier:
    """Implements `awe.projections.ports.HotTier`."""

    def __init__(self, client: AsyncClient, partition: str) -> None:
        self._client = client
        self._keys = Keys(partition)
        self._fitting = 0  # entries like the last ones that fit into a read bounded by bytes

    @property
    def partition(self) -> str:
        """The partition's name."""
        return self._keys.partition

    async def read(self, after: int, limit: int, most_bytes: int | None = None) -> HotBatch:
        """Return whole units after a position and the partition's state in one step; see the port."""
        count = limit
        if most_bytes is not None:  # Redis counts no bytes, so the first read takes the events for large ones
            count = min(limit, self._fitting or max(1, most_bytes // BYTES_PER_EVENT))
        batch = await self._look(after, count + 1)
        whole = _whole(batch.entries, limit, most_bytes, ended=len(batch.entries) <= count)
        if not whole:  # the end of a first unit that is longer is among as many as a unit may have, and one
            batch = await self._look(after, EVENTS_PER_CALL + 1)
            ended = len(batch.entries) <= EVENTS_PER_CALL
            whole = _whole(batch.entries, limit, most_bytes, ended=ended)
        taken = batch.entries[:whole]
        if most_bytes is not None and taken:
            self._fitting = max(1, most_bytes * whole // sum(map(_size, taken)))
        return replace(batch, entries=taken)

    async def _look(self, after: int, count: int) -> HotBatch:
        meta, found = await self._asked(
            at_once(
                self._client,
                ("HMGET", self._keys.meta, "epoch", "state", "n", "archived"),
                ("XRANGE", self._keys.log, f"{after + 1}-0", "+", "COUNT", count),
            )
        )
        epoch, state, n, archived = meta
        entries = [raw(entry) for entry in found]
        return HotBatch(int(epoch or 0), state == b"open", int(n or 0), int(archived or 0), entries)

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


def _whole(entries: Sequence[StoredEntry], limit: int, most_bytes: int | None, *, ended: bool) -> int:
    """Return how many of the entries are whole units within the limits, or the first unit if that is more.

    The last unit counts as whole when the log has ended with it: an append is one step. 0: no unit's end is among them.
    """
    room, count = limit, len(entries)
    if most_bytes is not None:
        sizes = accumulate(map(_size, entries))
        room = min(limit, sum(1 for _ in takewhile(lambda size: size <= most_bytes, sizes)))
    if ended and count <= room:
        return count
    within, beyond = range(min(room, count - 1), 0, -1), range(room + 1, count)
    cut = next((at for at in (*within, *beyond) if begins_unit(entries[at])), 0)
    return cut or (count if ended else 0)


def _size(entry: StoredEntry) -> int:
    return len(entry.meta) + len(entry.body)
