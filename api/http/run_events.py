"""The events of one run behind a position, a page at a time: what the archive has of them first, then the end of the log.

Memory is that of a page, however long the run is.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from awe.adapters.redis_streams.entries import recorded
from awe.commands.log import EventLog, LogUnavailable, Page, Position, RecordedEvent
from awe.projections.ports import Connections
from awe.projections.stored import StoredEntry

_PAGE: Final = 500
_ARCHIVED: Final = """
SELECT n, type, meta, body FROM awe.event
WHERE partition = %s AND run = %s AND n > %s AND n <= %s ORDER BY n LIMIT %s
"""


async def run_events(
    log: EventLog, reads: Connections, run: str, after: int, until: Position
) -> AsyncGenerator[Sequence[RecordedEvent]]:
    """Yield pages of a run's events behind ``after``, none of them empty, up to a position of today's log.

    Raises:
        LogUnavailable: a tier cannot be asked, or the log lost its end meanwhile.
    """
    async with reads.connection() as connection:
        cursor = await connection.execute("SELECT head FROM awe.partition WHERE name = %s", (log.partition,))
        row = await cursor.fetchone()
    archived = min(until.n, 0 if row is None else row[0])
    at = after
    while at < archived:
        async with reads.connection() as connection:  # not kept while a slow client takes the page
            cursor = await connection.execute(
                _ARCHIVED, (log.partition, run, at, archived, _PAGE), binary=True
            )
            rows = await cursor.fetchall()
        if rows:
            yield [recorded(StoredEntry(n, kind.encode(), meta, body or b"")) for n, kind, meta, body in rows]
        at = rows[-1][0] if len(rows) == _PAGE else archived
    at = max(at, archived)
    while at < until.n:
        page = await log.read(Position(at, until.epoch), min(_PAGE, until.n - at))
        if not isinstance(page, Page) or not page.events:
            raise LogUnavailable("The log lost its end while it was read: ask again.")
        if mine := [event for event in page.events if event.run == run]:
            yield mine
        at = page.position.n
