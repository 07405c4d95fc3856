"""Looks at every partition of a server once a second: its identity, its state, its memory.

An append notices a restart by itself, since the script compares the server's identity; the watcher is what then heals,
also when nobody appends. A partition that a healer stopped with a report is left to a person.
"""

import asyncio
import logging
from collections.abc import Sequence

from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.dropping import DROP_FROM, drop_cold_runs
from awe.adapters.redis_streams.healing import Healer
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.partition_look import Look, look
from awe.adapters.redis_streams.steps import drive_async
from awe.commands.log import LogCorrupt, LogUnavailable
from awe.projections import epochs
from awe.projections.errors import ArchiveError
from awe.projections.ports import Connections

EVERY_S = 1.0

_log = logging.getLogger(__name__)


class Watcher:
    """One task per process and server."""

    def __init__(
        self,
        client: AsyncClient,
        connections: Connections,
        healer: Healer,
        partitions: Sequence[str],
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._client = client
        self._connections = connections
        self._healer = healer
        self._keys = [Keys(partition) for partition in partitions]
        self._every_s = every_s
        self._told: dict[str, str] = {}

    async def run(self) -> None:
        """Watch until cancelled; a server that is away is looked for again after a second."""
        while True:
            await self.step()
            await asyncio.sleep(self._every_s)

    async def step(self) -> None:
        """Look at each partition once, and heal it or drop cold runs where that is due."""
        for keys in self._keys:
            try:
                await self._watch(keys)
            except (LogUnavailable, LogCorrupt, ArchiveError) as error:
                self._tell(keys.partition, str(error))
            else:
                self._told.pop(keys.partition, None)

    async def _watch(self, keys: Keys) -> None:
        found = await drive_async(self._client, look(keys))
        if found.waits_for_a_person:
            raise LogCorrupt(found.meta["report"])
        if not found.is_open:
            done = await self._healer.heal(keys.partition)
            _log.info("partition %s is open in epoch %d at %d", keys.partition, done.epoch, done.n)
        elif found.number("pressure") >= DROP_FROM:
            await self._drop(keys, found)

    async def _drop(self, keys: Keys, found: Look) -> None:
        async with self._connections.connection() as connection:
            head = await epochs.head(connection, keys.partition)
        epoch = found.number("epoch")
        if head is not None and head.epoch == epoch:
            count = await drive_async(self._client, drop_cold_runs(keys, epoch, head.n))
            _log.info("partition %s: dropped the indexes of %d cold runs", keys.partition, count)

    def _tell(self, partition: str, what: str) -> None:
        if self._told.get(partition) != what:
            self._told[partition] = what
            _log.error("partition %s is not open: %s", partition, what)
