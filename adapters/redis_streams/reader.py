"""Reading across both tiers is free of races because positions are contiguous.

What the hot tier no longer holds is in the archive: the first entry returned tells. Entries, last position, epoch and
archive mark are read in one step, so that an empty answer below the last position means the archive, never the end.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError
from awe.adapters.redis_streams.entries import raw, recorded
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.looking import at_once
from awe.adapters.redis_streams.tail import Tail
from awe.commands import lineage
from awe.commands.log import LogCorrupt, LogUnavailable, Page, Position, Rewound
from awe.projections.stored import ColdTier, StoredEntry

_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class HotRead:
    """One atomic look at the hot tier: entries from a position on, and what the partition said of itself."""

    entries: Sequence[StoredEntry]
    epoch: int
    n: int
    archived: int


class Reader:
    """Reads one partition."""

    def __init__(self, client: AsyncClient, keys: Keys, cold: ColdTier | None, tail: Tail) -> None:
        self._client = client
        self._tail = tail
        self._keys = keys
        self._cold = cold
        self._lineage: tuple[int, lineage.Epochs] = (0, {})

    async def head(self) -> Position:
        """Return the position of the last event.

        Raises:
            LogUnavailable: the server cannot be asked.
        """
        hot = await self.hot(0, 0)
        return Position(hot.n, hot.epoch)

    async def hot(self, after: int, limit: int) -> HotRead:
        """Read up to ``limit`` entries after ``after`` that the hot tier holds; ``limit`` 0 reads none.

        Raises:
            LogUnavailable: the server cannot be asked, or the partition was never opened.
        """
        commands: list[Sequence[object]] = [("HMGET", self._keys.meta, "epoch", "n", "archived")]
        if limit:
            commands.append(("XRANGE", self._keys.log, f"{after + 1}-0", "+", "COUNT", limit))
        try:
            meta, *rest = await at_once(self._client, *commands)
        except (*UNREACHABLE, RedisError) as error:
            raise LogUnavailable(f"Partition {self._keys.partition} cannot be read now: {error}") from error
        if meta[0] is None:
            raise LogUnavailable(
                f"Partition {self._keys.partition} is not open: start `awe projector` (or `awe up`), which opens it."
            )
        entries = [raw(entry) for entry in rest[0]] if rest else []
        return HotRead(entries, int(meta[0]), int(meta[1] or 0), int(meta[2] or 0))

    async def read(self, after: Position, limit: int) -> Page | Rewound:
        """Return up to ``limit`` events after a position; see the port."""
        hot = await self.hot(after.n, limit)
        if hot.epoch != after.epoch:
            common = lineage.common(await self._epochs(hot.epoch), after)
            if common < after.n:
                return Rewound(Position(common, hot.epoch))
        entries = hot.entries
        if after.n < hot.n and (not entries or entries[0].n != after.n + 1):
            entries = await self._archived(after.n, limit, hot)
        events = [recorded(entry) for entry in entries]
        return Page(events, Position(after.n + len(events), hot.epoch))

    async def _archived(self, after: int, limit: int, hot: HotRead) -> Sequence[StoredEntry]:
        if self._cold is None:
            raise LogCorrupt(
                f"Partition {self._keys.partition} holds no entry {after + 1} and there is no archive: set AWE_POSTGRES_URL."
            )
        # Up to the first entry seen in the hot tier: the archive may hold the same ones further on.
        until = hot.entries[0].n - 1 if hot.entries else hot.n
        entries = await self._cold.entries(self._keys.partition, after, min(limit, until - after))
        if not entries or entries[0].n != after + 1:
            raise LogUnavailable(
                f"Partition {self._keys.partition}: entry {after + 1} is in neither tier yet; the healer must look."
            )
        return entries

    async def follow(self, after: Position, limit: int) -> AsyncIterator[Page | Rewound]:
        """Yield pages from a position on, waiting for more; outages are waited out."""
        wait_s = _FIRST_WAIT_S
        while True:
            heed_cancel()
            try:
                found = await self.read(after, limit)
            except LogUnavailable:
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                continue
            if isinstance(found, Rewound):
                after = found.common
                yield found
                continue
            after = found.position
            if found.events:
                wait_s = _FIRST_WAIT_S
                yield found
            if len(found.events) < limit and (follower := self._tail.follow(self._keys, after)) is not None:
                try:
                    while events := await follower.events():
                        wait_s = _FIRST_WAIT_S
                        for at in range(0, len(events), limit):
                            page = events[at : at + limit]
                            after = Position(page[-1].n, after.epoch)
                            yield Page(page, after)
                finally:
                    self._tail.leave(self._keys, follower)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    async def _epochs(self, epoch: int) -> lineage.Epochs:
        if self._lineage[0] != epoch:
            try:
                flat = await self._client.execute_command("HGETALL", self._keys.epochs)
            except (*UNREACHABLE, RedisError) as error:
                raise LogUnavailable(
                    f"Partition {self._keys.partition} cannot be read now: {error}"
                ) from error
            self._lineage = (epoch, {int(key): int(start) for key, start in flat.items()})
        return self._lineage[1]
