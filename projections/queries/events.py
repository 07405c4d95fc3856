"""The events of runs as the archive has them. One of its indexes keeps those of a run together, so no others are read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from awe.projections.queries.runs import RunKey
from awe.projections.stored import StoredEntry


class Archived(NamedTuple):
    """Entries of a run out of a partition's archive.

    Attributes:
        n: what stands up to here is archived, and stays whatever the log loses.
        epoch: the partition's, as Postgres has it.
        known: whether anything of the run is archived at all.
    """

    n: int
    epoch: int
    known: bool
    entries: Sequence[StoredEntry]


async def page(
    connection: AsyncConnection[Any], key: RunKey, after: int, until: int, limit: int
) -> Archived | None:
    """Return up to ``limit`` entries of a run behind a position and up to another; None where nothing was ever archived."""
    partition, run = key
    cursor = await connection.execute(
        """
        SELECT head, epoch, EXISTS (SELECT FROM awe.event WHERE partition = %(partition)s AND run = %(run)s)
        FROM awe.partition WHERE name = %(partition)s
        """,
        {"partition": partition, "run": run},
        binary=True,
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    n, epoch, known = row
    entries = await _entries(
        connection,
        "run = %s AND n > %s AND n <= %s ORDER BY n LIMIT %s",
        (partition, run, after, min(n, until), limit),
    )
    return Archived(n, epoch, known, entries)


async def at(
    connection: AsyncConnection[Any], partition: str, positions: Collection[int]
) -> Mapping[int, StoredEntry]:
    """Return the entries at these positions, those that are archived."""
    if not positions:
        return {}
    found = await _entries(connection, "n = ANY(%s)", (partition, list(positions)))
    return {entry.n: entry for entry in found}


async def counted(connection: AsyncConnection[Any], key: RunKey, until: int) -> Mapping[str, tuple[int, int]]:
    """Return of each type how many events a run has up to a position, and where the last one stands; no body is read."""
    cursor = await connection.execute(
        """
        SELECT type, count(*), max(n) FROM awe.event WHERE partition = %s AND run = %s AND n <= %s GROUP BY type
        """,
        (*key, until),
    )
    return {kind: (count, last) for kind, count, last in await cursor.fetchall()}


async def _entries(
    connection: AsyncConnection[Any], which: str, values: Sequence[Any]
) -> Sequence[StoredEntry]:
    cursor = await connection.execute(
        f"SELECT n, type, meta, body FROM awe.event WHERE partition = %s AND {which}".encode(),  # noqa: S608 (this module's own)
        values,
        binary=True,
    )
    return [
        StoredEntry(n, kind.encode(), meta, body or b"") for n, kind, meta, body in await cursor.fetchall()
    ]
