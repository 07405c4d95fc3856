"""Makes what a partition derives from its log anew, from the archive and the entries behind it.

The archive keeps which runs have open claims or messages nobody acknowledged; only these and the runs with entries
behind the archive get their index back. Any other run is cold: an append to it fetches its index from the archive.
"""

from collections.abc import Awaitable, Callable, Sequence

from awe.adapters.redis_streams import rebuilding
from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.obligations import Message, RunState, duties, run_state
from awe.adapters.redis_streams.partition_look import Look
from awe.adapters.redis_streams.steps import drive_async
from awe.projections import archive_reader
from awe.projections.archive import Head
from awe.projections.ports import Connections
from awe.projections.stored import StoredEntry

KEEP = 1_000
"""Archived entries that a lost log gets back: readers find the rest in the archive."""

RUNS_PER_STEP = 50

Reached = Callable[[str], Awaitable[None]]


class Restoring:
    """One rebuild of one partition under one token."""

    def __init__(
        self, client: AsyncClient, connections: Connections, keys: Keys, head: Head, reached: Reached
    ) -> None:
        self._client = client
        self._connections = connections
        self._keys = keys
        self._head = head
        self._token = head.epoch
        self._reached = reached

    async def run(self, frozen: Look, tail: Sequence[StoredEntry]) -> None:
        """Rebuild; ``tail`` are the log's entries behind the archive that stay.

        Raises:
            Overtaken: a later healing has begun.
        """
        keys, token, client = self._keys, self._token, self._client
        dropped = max(frozen.number("dropped"), self._head.n)
        await drive_async(client, rebuilding.mark(keys, token, dropped))
        await self._reached("marked")
        queues = await drive_async(client, rebuilding.wipe(keys, token))
        await self._reached("wiped")
        await self._restore_log(frozen, tail)
        await self._reached("log restored")
        messages = await self._restore_runs(tail)
        await self._reached("runs restored")
        async with self._connections.connection() as connection:
            positions = dict(await archive_reader.reactors(connection, keys.partition))
        positions.update(duties(tail).positions)
        await drive_async(client, rebuilding.restore_positions(keys, token, positions))
        await self._reached("positions restored")
        await drive_async(client, rebuilding.reconcile_queues(keys, token, queues, messages))
        await self._reached("queues restored")

    async def _restore_log(self, frozen: Look, tail: Sequence[StoredEntry]) -> None:
        if frozen.last >= self._head.n:
            n = self._head.n + len(tail)
            if frozen.last > n:
                await drive_async(self._client, rebuilding.cut_log(self._keys, self._token, n, frozen.last))
            return
        await drive_async(self._client, rebuilding.begin_log(self._keys, self._token))
        after = max(self._head.n - KEEP, 0)
        while after < self._head.n:
            async with self._connections.connection() as connection:
                page = await archive_reader.entries(connection, self._keys.partition, after)
            await drive_async(self._client, rebuilding.extend_log(self._keys, self._token, page))
            after = page[-1].n

    async def _restore_runs(self, tail: Sequence[StoredEntry]) -> Sequence[Message]:
        recent: dict[str, list[StoredEntry]] = {}
        for entry in tail:
            recent.setdefault(entry.run, []).append(entry)
        async with self._connections.connection() as connection:
            owing = await archive_reader.open_runs(connection, self._keys.partition)
        runs = list(dict.fromkeys([*owing, *recent]))
        messages: list[Message] = []
        for at in range(0, len(runs), RUNS_PER_STEP):
            states = [await self._state(run, recent.get(run, ())) for run in runs[at : at + RUNS_PER_STEP]]
            await drive_async(self._client, rebuilding.restore_runs(self._keys, self._token, states))
            messages += (message for state in states for message in state.messages)
        return messages

    async def _state(self, run: str, recent: Sequence[StoredEntry]) -> RunState:
        async with self._connections.connection() as connection:
            archived, _ = await archive_reader.of_run(connection, self._keys.partition, run)
        return run_state(run, [*archived, *recent])
