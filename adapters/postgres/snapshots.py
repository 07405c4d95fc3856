"""Snapshots beside the archive, each at an archived position with the chain's value there (I16).

One is saved in a statement that holds the partition's row, so what it says of the archive is what the archive was.
It is believed only if the chain leads from it to the archive's head today: then the archive holds, up to the
snapshot, just what it held then (I30).
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from awe.adapters.postgres.faults import asked
from awe.commands.log import Position
from awe.commands.snapshots import Snapshot
from awe.projections import archive_reader, chain, epochs
from awe.projections.archive import Head
from awe.projections.ports import Connections

PAGE = 5_000
"""Digests read at once: what memory the check of a chain takes, and how long it keeps others from the connection."""


class _Saved(NamedTuple):
    n: int
    epoch: int
    chain: bytes
    runs: Sequence[str]


class PostgresSnapshots:
    """Implements `awe.commands.snapshots.Snapshots`; an outage raises ``LogUnavailable``."""

    def __init__(self, connections: Connections, partition: str, manager: str = "scheduler") -> None:
        self._connections = connections
        self._partition = partition
        self._manager = manager

    async def latest(self, form: str) -> Snapshot | None:
        """Return the last snapshot if the archive stands by it; see the port."""
        async with asked(self._connections) as connection:
            saved = await self._saved(connection, form)
            head = await epochs.head(connection, self._partition)
        if saved is None or head is None or not await self._leads(saved, head):
            return None
        return Snapshot(Position(saved.n, saved.epoch), saved.runs)

    async def save(self, form: str, upto: Position, runs: Sequence[str]) -> Position | None:
        """Save a snapshot at the archive's head; see the port."""
        async with asked(self._connections) as connection:
            cursor = await connection.execute(
                _SAVE,
                {
                    "partition": self._partition,
                    "manager": self._manager,
                    "form": form,
                    "n": upto.n,
                    "epoch": upto.epoch,
                    "runs": json.dumps(list(runs)),
                },
            )
            row = await cursor.fetchone()
        return None if row is None else Position(*row)

    async def _saved(self, connection: AsyncConnection[Any], form: str) -> _Saved | None:
        cursor = await connection.execute(
            "SELECT n, epoch, chain, runs FROM awe.snapshot WHERE partition = %s AND manager = %s AND form = %s",
            (self._partition, self._manager, form),
        )
        row = await cursor.fetchone()
        return None if row is None else _Saved(*row)

    async def _leads(self, saved: _Saved, head: Head) -> bool:
        """Tell whether the chain goes on from the snapshot to the head; one above the head leads nowhere."""
        value = saved.chain
        for first in range(saved.n + 1, head.n + 1, PAGE):
            last = min(first + PAGE - 1, head.n)
            async with asked(self._connections) as connection:
                digests = await archive_reader.digests_of(connection, self._partition, first, last)
            value = chain.extend_all(value, first, digests)
        return saved.n <= head.n and value == head.chain


# A manager of an earlier epoch may have folded events that were lost: it learns of the new epoch before it may save.
_SAVE = """
    WITH archive AS MATERIALIZED (
        SELECT name, epoch, head, chain FROM awe.partition WHERE name = %(partition)s FOR NO KEY UPDATE)
    INSERT INTO awe.snapshot (partition, manager, form, n, epoch, chain, runs)
    SELECT name, %(manager)s, %(form)s, head, epoch, chain, %(runs)s::json FROM archive
    WHERE head BETWEEN 1 AND %(n)s AND epoch = %(epoch)s
    ON CONFLICT (partition, manager) DO UPDATE
    SET form = excluded.form, n = excluded.n, epoch = excluded.epoch, chain = excluded.chain,
        runs = excluded.runs, saved_at = excluded.saved_at
    RETURNING n, epoch
    """
