"""Log and archive side by side before a partition opens: what differs, or is in neither, stops the partition."""

from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.partition_look import Look
from awe.adapters.redis_streams.steps import Steps
from awe.adapters.redis_streams.survey import Survey, survey
from awe.projections import archive_reader
from awe.projections.archive import Head
from awe.projections.errors import Diverged
from awe.projections.ports import Connections


def read_log(keys: Keys, frozen: Look, archived: int) -> Steps[Survey]:
    """Read the whole hot log of a closed partition; ``archived`` is the archive's head.

    Raises:
        Diverged: an event that was there once is in neither tier.
    """
    if frozen.last and frozen.first > archived + 1:
        raise Diverged(f"events {archived + 1}..{frozen.first - 1} are in neither Redis nor Postgres")
    reached = max(frozen.last, archived)
    known = max(frozen.number("n"), frozen.number("archived"))
    if known > reached:
        raise Diverged(f"events {reached + 1}..{known} are in neither Redis nor Postgres")
    return (yield from survey(keys, frozen.first, archived))


async def compare(connections: Connections, keys: Keys, found: Survey, head: Head) -> None:
    """Compare the overlap of the tiers by the chain, from the archive's value before it.

    Raises:
        Diverged: an event differs.
    """
    if not found.overlap:
        return
    partition, first = keys.partition, found.first
    last = first + len(found.overlap) - 1
    async with connections.connection() as connection:
        before = await archive_reader.chain_at(connection, partition, first - 1)
        after = head.chain if last == head.n else await archive_reader.chain_at(connection, partition, last)
        if found.chain_from(before) == after:
            return
        archived = await archive_reader.digests_of(connection, partition, first, last)
    if len(archived) != len(found.overlap):
        raise Diverged(f"Postgres misses events between {first} and {last}")
    differing = found.first_difference(archived)
    if differing is None:
        raise Diverged(f"the archive's own chain does not check between events {first} and {last}")
    raise Diverged(f"event {differing} differs between Redis and Postgres")
