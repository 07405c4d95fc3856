"""What becomes of sequences that are parked: tried again once the cause is mended, or given up (I28).

Both keep the version's table to themselves until the transaction ends, so the feed finds either all of it or nothing.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from awe.projections import positions
from awe.projections.folding import Decode, Parked, sequence_of, wanted
from awe.projections.projector import Projector
from awe.projections.stored import StoredEntry
from awe.projections.version_tables import UNFIT, VersionTable
from awe.projections.views.entry import Entry

_PAGE: Final = 1_000


class ParkedSequence(NamedTuple):
    """A sequence of a version that waits from event ``n`` on, with so many events since."""

    name: str
    version: int
    partition: str
    sequence: str
    n: int
    events: int
    error: str
    parked_at: datetime


class Retried(NamedTuple):
    """`applied` events are in the table now; `parked` is what stopped the sequence again, None when nothing did."""

    applied: int
    parked: Parked | None


async def listed(
    connection: AsyncConnection[Any],
    name: str | None = None,
    *,
    version: int | None = None,
    sequence: str | None = None,
) -> Sequence[ParkedSequence]:
    """What is parked, in the order of its events; each argument that is given restricts it."""
    cursor = await connection.execute(
        """
        SELECT name, version, partition, sequence, n, events, error, parked_at FROM awe.parked
        WHERE (%(name)s::text IS NULL OR name = %(name)s) AND (%(version)s::integer IS NULL OR version = %(version)s)
        AND (%(sequence)s::text IS NULL OR sequence = %(sequence)s)
        ORDER BY name, version, partition, n
        """,
        {"name": name, "version": version, "sequence": sequence},
    )
    return [ParkedSequence(*row) for row in await cursor.fetchall()]


async def codes(connection: AsyncConnection[Any], name: str) -> Mapping[int, str]:
    """The code of each version of a projection: only who has it can try anything again."""
    cursor = await connection.execute("SELECT version, code FROM awe.projection WHERE name = %s", (name,))
    return dict(await cursor.fetchall())


async def retry(
    connection: AsyncConnection[Any], projector: Projector, parked: ParkedSequence, decode: Decode
) -> Retried:
    """Apply a sequence's events from the parked one up to the version's position; the later ones then follow."""
    async with connection.transaction():
        to = await _taken(connection, parked)
        if to is None:
            return Retried(0, None)
        table = VersionTable(projector, parked.version, parked.partition, {})
        seen = 0
        async for entries in _events(connection, projector, parked, to, decode):
            folded = await table.fold(connection, entries)
            try:
                async with connection.transaction():
                    await table.write(connection, folded)
            except UNFIT:
                folded = await table.write_one_by_one(connection, entries)
            table.written(folded)
            seen += len(entries)
        again = table.parked.get(parked.sequence)
        return Retried(seen if again is None else seen - again.events, again)


async def discard(connection: AsyncConnection[Any], parked: ParkedSequence) -> bool:
    """Give up what waits; later events of the sequence are applied to the rows as they are. False: nothing waited."""
    async with connection.transaction():
        return await _taken(connection, parked) is not None


async def _taken(connection: AsyncConnection[Any], parked: ParkedSequence) -> int | None:
    """Keep the table to this transaction and forget the sequence: the version's position, None if it is not parked."""
    to = await positions.take(connection, parked.partition, parked.name, parked.version)
    gone = await connection.execute(
        "DELETE FROM awe.parked WHERE name = %s AND version = %s AND partition = %s AND sequence = %s AND n = %s",
        (parked.name, parked.version, parked.partition, parked.sequence, parked.n),
    )
    return to if gone.rowcount else None


async def _events(
    connection: AsyncConnection[Any], projector: Projector, parked: ParkedSequence, to: int, decode: Decode
) -> AsyncGenerator[Sequence[Entry]]:
    """The events of the sequence that the version is past."""
    after = parked.n - 1
    # Most sequences are runs, which have an index; any other must be looked for among all events.
    of_run = type(projector).sequence is Projector.sequence
    while after < to:
        cursor = await connection.execute(
            """
            SELECT n, type, meta, body FROM awe.event
            WHERE partition = %s AND n > %s AND n <= %s AND (%s OR run = %s) ORDER BY n LIMIT %s
            """,
            (parked.partition, after, to, not of_run, parked.sequence, _PAGE),
            binary=True,
        )
        rows = await cursor.fetchall()
        if not rows:
            return
        after = rows[-1][0]
        stored = [StoredEntry(n, kind.encode(), meta, body or b"") for n, kind, meta, body in rows]
        entries = wanted(projector, map(decode, stored))
        # The first one may have been parked unread, so that nobody knew its sequence.
        yield [
            each for each in entries if each.n == parked.n or sequence_of(projector, each) == parked.sequence
        ]
