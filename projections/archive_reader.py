"""What the archive holds, read back: contiguous entries, one run, digests, and what the archived log still owes.

A partition's batches are committed one after the other, so all up to a head once read is there and stays.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection

from awe.projections import chain
from awe.projections.stored import StoredEntry

PAGE = 1_000

_Row = tuple[int, str, bytes, bytes | None]


async def entries(
    connection: AsyncConnection[Any], partition: str, after: int, limit: int = PAGE
) -> Sequence[StoredEntry]:
    """Return up to ``limit`` entries from position ``after + 1`` on."""
    cursor = await connection.execute(
        "SELECT n, type, meta, body FROM awe.event WHERE partition = %s AND n > %s ORDER BY n LIMIT %s",
        (partition, after, limit),
        binary=True,
    )
    return [_entry(row) for row in await cursor.fetchall()]


async def batch(
    connection: AsyncConnection[Any], partition: str, after: int, limit: int, most_bytes: int
) -> Sequence[StoredEntry]:
    """The same, up to ``most_bytes`` of bodies; the first entry is returned even if it alone is more."""
    cursor = await connection.execute(
        """
        SELECT n, type, meta, body FROM (
            SELECT *, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY n) AS volume FROM (
                SELECT n, type, meta, body FROM awe.event
                WHERE partition = %s AND n > %s ORDER BY n LIMIT %s
            ) AS page
        ) AS measured
        WHERE volume <= %s OR n = %s ORDER BY n
        """,
        (partition, after, limit, most_bytes, after + 1),
        binary=True,
    )
    return [_entry(row) for row in await cursor.fetchall()]


async def of_run(
    connection: AsyncConnection[Any], partition: str, run: str
) -> tuple[Sequence[StoredEntry], int]:
    """Return a run's entries in log order, and the archived position up to which these are all of them."""
    cursor = await connection.execute(
        "SELECT head FROM awe.partition WHERE name = %s", (partition,), binary=True
    )
    row = await cursor.fetchone()
    archived: int = 0 if row is None else row[0]
    cursor = await connection.execute(
        """
        SELECT n, type, meta, body FROM awe.event
        WHERE partition = %s AND run = %s AND n <= %s ORDER BY n
        """,
        (partition, run, archived),
        binary=True,
    )
    return [_entry(row) for row in await cursor.fetchall()], archived


async def chain_at(connection: AsyncConnection[Any], partition: str, n: int) -> bytes:
    """Return the chain's value after archived event ``n``, from the last checkpoint up to it."""
    cursor = await connection.execute(
        "SELECT n, chain FROM awe.checkpoint WHERE partition = %s AND n <= %s ORDER BY n DESC LIMIT 1",
        (partition, n),
        binary=True,
    )
    checkpoint: tuple[int, bytes] = await cursor.fetchone() or (0, chain.GENESIS)
    digests = await digests_of(connection, partition, checkpoint[0] + 1, n)
    return chain.extend_all(checkpoint[1], checkpoint[0] + 1, digests)


async def digests_of(
    connection: AsyncConnection[Any], partition: str, first: int, last: int
) -> Sequence[bytes]:
    """Return the digests of archived events ``first .. last``."""
    if last < first:
        return ()
    cursor = await connection.execute(
        "SELECT digest FROM awe.event WHERE partition = %s AND n BETWEEN %s AND %s ORDER BY n",
        (partition, first, last),
        binary=True,
    )
    return [row[0] for row in await cursor.fetchall()]


async def open_runs(connection: AsyncConnection[Any], partition: str) -> Sequence[str]:
    """Return the runs that have an open claim or a message nobody acknowledged."""
    cursor = await connection.execute(
        """
        SELECT run FROM awe.open_run WHERE partition = %(partition)s
        UNION SELECT run FROM awe.open_message WHERE partition = %(partition)s
        ORDER BY 1
        """,
        {"partition": partition},
        binary=True,
    )
    return [row[0] for row in await cursor.fetchall()]


async def reactors(connection: AsyncConnection[Any], partition: str) -> Mapping[str, tuple[int, int]]:
    """Return each reactor's last archived position and that position's epoch."""
    cursor = await connection.execute(
        "SELECT reactor, n, epoch FROM awe.reactor WHERE partition = %s", (partition,), binary=True
    )
    return {reactor: (n, epoch) for reactor, n, epoch in await cursor.fetchall()}


def _entry(row: _Row) -> StoredEntry:
    n, type_name, meta, body = row
    return StoredEntry(n, type_name.encode(), meta, body or b"")
