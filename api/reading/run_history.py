"""The recorded events of one run: from both tiers of the log, or from the archive alone while the log cannot be asked."""

from collections.abc import Sequence
from typing import NamedTuple

from awe.adapters.redis_streams.entries import recorded
from awe.api.reading.sources import Sources, stale
from awe.commands.log import LogUnavailable, Position, RecordedEvent
from awe.projections import archive_reader
from awe.projections.errors import ArchiveError


class History(NamedTuple):
    """Events in log order, and up to where these are all of them.

    `position` is None where that is not known; `stale` then says why later ones may be missing.
    """

    events: Sequence[RecordedEvent]
    position: Position | None
    stale: str = ""


NOTHING = History((), None)


async def history(sources: Sources, partition: str, run: str) -> History:
    """Return what was recorded of a run.

    Raises:
        LogUnavailable: neither the log nor the archive has anything to tell now.
    """
    try:
        found = await sources.logs[partition].history(run)
    except LogUnavailable as away:
        if await sources.untouched(partition):
            return NOTHING
        archived = await _archived(sources, partition, run)
        if not archived:
            raise
        return History(archived, None, stale(away))
    return History(found.events, found.position)


async def _archived(sources: Sources, partition: str, run: str) -> Sequence[RecordedEvent]:
    try:
        async with sources.reads.connection() as connection:
            entries, _ = await archive_reader.of_run(connection, partition, run)
    except ArchiveError:
        return ()
    return [recorded(entry) for entry in entries]
