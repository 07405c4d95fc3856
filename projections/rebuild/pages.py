"""The archive in large pages of what one projector wants, bounded in events and in bytes, so that memory is too."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from awe.domain.events import event_type
from awe.projections.projector import Projector
from awe.projections.stored import StoredEntry

EVENTS: Final = 5_000
"""How far one page reaches, in positions; of these only the wanted events are sent."""

BYTES: Final = 8_000_000
"""A page ends with the event that passes so many bytes of bodies."""


class Page(NamedTuple):
    """The wanted events behind a position, all of them up to position ``to``."""

    to: int
    entries: Sequence[StoredEntry]


def types_of(projector: Projector) -> frozenset[str]:
    """What the archive calls the events that a projector wants, in every version that was ever written."""
    return frozenset(
        event_type(event.event_name, version)
        for event in projector.events
        for version in range(1, event.schema_version + 1)
    )


async def heads(connection: AsyncConnection[Any]) -> dict[str, int]:
    """Every partition that is archived, and its last position."""
    cursor = await connection.execute("SELECT name, head FROM awe.partition ORDER BY name")
    return dict(await cursor.fetchall())


async def page(
    connection: AsyncConnection[Any],
    partition: str,
    after: int,
    to: int,
    types: Iterable[str],
    *,
    most_bytes: int = BYTES,
) -> Page:
    """Read the wanted events of positions ``after + 1 .. to``, or of the first of these if they are large."""
    cursor = await connection.execute(
        """
        SELECT n, type, meta, body, until FROM (
            SELECT n, type, meta, body, octet_length(body) AS size,
                sum(octet_length(body)) OVER (ORDER BY n) AS until
            FROM awe.event WHERE partition = %s AND n > %s AND n <= %s AND type = ANY(%s)
        ) AS wanted WHERE coalesce(until - size, 0) < %s ORDER BY n
        """,
        (partition, after, to, list(types), most_bytes),
        binary=True,
    )
    rows = await cursor.fetchall()
    cut = bool(rows) and (rows[-1][4] or 0) >= most_bytes
    return Page(
        rows[-1][0] if cut else to,
        [StoredEntry(n, kind.encode(), meta, body or b"") for n, kind, meta, body, _ in rows],
    )
