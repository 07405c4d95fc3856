"""Every event of one run, from both tiers: the index tells their positions, and a run without one is in the archive."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgpack

from awe.adapters.redis_streams import counters, index
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError
from awe.adapters.redis_streams.entries import effects_of, raw, recorded
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.looking import at_once
from awe.adapters.redis_streams.scripts import evaluate
from awe.commands.log import LogUnavailable, Position, RunHistory
from awe.projections.stored import ColdTier, StoredEntry

_GAP = 16
"""Entries of others between two of a run that are cheaper to read along than to ask twice."""

_RANGES_PER_STEP = 200


def _fields(told: Any, aggregate: str | None) -> dict[str, str]:
    """Return index fields as text, from a reply that names them or one that was asked for two."""
    pairs = (
        told.items()
        if aggregate is None
        else zip((aggregate.encode(), index.CONTROL.encode()), told, strict=True)
    )
    return {name.decode(): value.decode() for name, value in pairs if value is not None}


class Histories:
    """Reads whole runs of one partition and brings back their indexes."""

    def __init__(self, client: AsyncClient, keys: Keys, cold: ColdTier | None) -> None:
        self._client = client
        self._keys = keys
        self._cold = cold

    async def history(self, run: str, aggregate: str | None) -> RunHistory:
        """Return every event of a run, or of one of its aggregates.

        Raises:
            LogUnavailable: a tier that is needed cannot be asked.
        """
        while True:
            try:
                key = self._keys.index(run)
                (epoch, n), exists, told = await at_once(
                    self._client,
                    ("HMGET", self._keys.meta, "epoch", "n"),
                    ("EXISTS", key),
                    ("HGETALL", key) if aggregate is None else ("HMGET", key, aggregate, index.CONTROL),
                )
                if epoch is None:
                    raise LogUnavailable(
                        f"Partition {self._keys.partition} is not open: the healer must open it."
                    )
                fields = _fields(told, aggregate)
                entries = await self._indexed(run, fields) if exists else await self._unindexed(run)
            except (*UNREACHABLE, RedisError) as error:
                raise LogUnavailable(
                    f"Partition {self._keys.partition} cannot be read now: {error}"
                ) from error
            if entries is not None:
                control = index.control((fields if exists else index.fold(entries)).get(index.CONTROL))
                events = map(recorded, entries)
                wanted = [event for event in events if aggregate is None or event.aggregate == aggregate]
                return RunHistory(wanted, control, Position(int(n or 0), int(epoch)))

    async def _indexed(self, run: str, fields: dict[str, str]) -> list[StoredEntry]:
        """Return the entries that an index names."""
        wanted = index.positions(fields)
        found = {entry.n: entry for entry in await self._hot(wanted)}
        if self._cold is not None and len(found) < len(wanted):
            archived, _ = await self._cold.of_run(self._keys.partition, run)
            found.update((entry.n, entry) for entry in archived)
        if not all(n in found for n in wanted):
            raise LogUnavailable(f"Run {run}: some of its events are in neither tier; the healer must look.")
        return [found[n] for n in wanted]

    async def _hot(self, wanted: Sequence[int]) -> list[StoredEntry]:
        ranges: list[tuple[int, int]] = []
        start = wanted[0] if wanted else 0
        for one, following in pairwise([*wanted, *wanted[-1:]]):
            if following - one > _GAP or following == one:
                ranges.append((start, one))
                start = following
        known = set(wanted)
        found: list[StoredEntry] = []
        for at in range(0, len(ranges), _RANGES_PER_STEP):
            replies = await at_once(
                self._client,
                *(
                    ("XRANGE", self._keys.log, f"{a}-0", f"{b}-0")
                    for a, b in ranges[at : at + _RANGES_PER_STEP]
                ),
            )
            found.extend(entry for reply in replies for entry in map(raw, reply) if entry.n in known)
        return found

    async def _unindexed(self, run: str) -> list[StoredEntry] | None:
        """Return the entries of a run without an index (none: it has no event), or None to look again."""
        complete = await self.warm(run)
        if complete is None:
            return None
        entries, at = complete
        if entries:
            return entries
        exists, dropped = await at_once(
            self._client, ("EXISTS", self._keys.index(run)), ("HGET", self._keys.meta, "dropped")
        )
        return None if exists or int(dropped or 0) > at else []

    async def warm(self, run: str) -> tuple[list[StoredEntry], int] | None:
        """Put the index of a run back from the archive by compare-and-set.

        Returns:
            Its entries and the archive position up to which they are all; None when the run moved meanwhile.
        """
        if self._cold is None:
            return [], 0
        found, at = await self._cold.of_run(self._keys.partition, run)
        entries = list(found)
        if not entries:
            return entries, at
        steps = counters.fold(step for entry in entries for step in effects_of(entry).counters)
        fields = [part for pair in index.fold(entries).items() for part in pair]
        counted = [str(part) for pair in steps.items() for part in pair]
        done = await evaluate(
            self._client,
            "restore_index",
            3,
            self._keys.meta,
            self._keys.index(run),
            self._keys.counters(run),
            at,
            msgpack.packb((fields, counted), use_bin_type=False),
        )
        return (entries, at) if done else None
