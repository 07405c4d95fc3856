"""What a rebuild would do, without doing it: how much there is to read, and how long that takes by a short sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from psycopg import AsyncConnection

from awe.domain.vocabulary import CODEC
from awe.projections import positions
from awe.projections.folding import Decode, fold
from awe.projections.ports import Connections
from awe.projections.projector import Projector
from awe.projections.rebuild import effects, pages
from awe.projections.tables import Statements
from awe.projections.version_tables import UNFIT, VersionTable

SAMPLE: Final = 5_000
_COUNTED: Final = 200_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """`seconds` by the rate of the sample; `unknown` are events that this release cannot read, as far as looked at.

    `poisoned` is the first event of the sample that cannot be applied.
    """

    projection: str
    version: int
    table: str
    events: int
    partitions: int
    sampled: int
    seconds: float
    unknown: Mapping[str, int]
    counted: int
    poisoned: str | None


async def estimate(connections: Connections, projector: Projector, decode: Decode) -> Estimate:
    """Look at the archive; the sample is written and taken back."""
    async with connections.connection() as connection:
        heads = await pages.heads(connection)
        number = max((each.number for each in await effects.known(connection, projector.name)), default=0) + 1
        unknown = await _unknown(connection, heads)
        fullest = max(heads, key=heads.__getitem__, default="")
        sampled = min(SAMPLE, heads.get(fullest, 0))
        begun_s, poisoned = monotonic(), None
        if sampled:
            async with connection.transaction(force_rollback=True):
                poisoned = await _sample(connection, projector, number, fullest, sampled, decode)
        took_s = monotonic() - begun_s
    events = sum(heads.values())
    return Estimate(
        projector.name,
        number,
        Statements(projector, number).table,
        events,
        len(heads),
        sampled,
        took_s * events / sampled if sampled else 0.0,
        unknown,
        min(events, _COUNTED * len(heads)),
        poisoned,
    )


async def _sample(
    connection: AsyncConnection[Any],
    projector: Projector,
    number: int,
    partition: str,
    to: int,
    decode: Decode,
) -> str | None:
    await positions.create(connection, projector, number, building=True)
    page = await pages.page(connection, partition, 0, to, pages.types_of(projector))
    entries = [decode(each) for each in page.entries]
    folded = fold(projector, entries, {}, {})
    try:
        async with connection.transaction():
            await VersionTable(projector, number, partition, {}).write(connection, folded)
    except UNFIT as error:
        return f"some row does not fit the table: {error}"
    first = min(folded.parked.values(), key=lambda each: each.n, default=None)
    return None if first is None else f"event {first.n} of partition {partition}: {first.error}"


async def _unknown(connection: AsyncConnection[Any], heads: Mapping[str, int]) -> Mapping[str, int]:
    """Types that this release does not know, with their number among the last events of each partition."""
    known: Sequence[str] = list(CODEC.types)
    found: dict[str, int] = {}
    for partition, head in heads.items():
        cursor = await connection.execute(
            """
            SELECT type, count(*) FROM awe.event
            WHERE partition = %s AND n > %s AND type <> ALL(%s) GROUP BY type
            """,
            (partition, head - _COUNTED, known),
        )
        for kind, count in await cursor.fetchall():
            found[kind] = found.get(kind, 0) + count
    return found
