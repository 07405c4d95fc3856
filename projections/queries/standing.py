"""How far the projections are: what is read of which version, how far behind the archive, what of it is parked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from psycopg import AsyncConnection


class PartitionStanding(NamedTuple):
    """Up to which archived event a version holds a partition; the partition's own epoch and head beside it."""

    partition: str
    n: int
    head: int
    epoch: int


@dataclass(slots=True)
class VersionStanding:
    """One version of a projection. `stopped` says why it is no longer fed; None when it is."""

    name: str
    version: int
    code: str
    live: bool
    stopped: str | None
    parked: int = 0
    partitions: list[PartitionStanding] = field(default_factory=list[PartitionStanding])


async def versions(connection: AsyncConnection[Any]) -> Sequence[VersionStanding]:
    """Return every version of every projection, by name and number."""
    cursor = await connection.execute(
        """
        SELECT name, version, code, live, stopped,
            (SELECT count(*) FROM awe.parked AS at WHERE at.name = known.name AND at.version = known.version)
        FROM awe.projection AS known ORDER BY name, version
        """
    )
    found = {(row[0], row[1]): VersionStanding(*row) for row in await cursor.fetchall()}
    cursor = await connection.execute(
        """
        SELECT at.name, at.version, at.partition, at.n, coalesce(of.head, 0), coalesce(of.epoch, 0)
        FROM awe.projection_position AS at LEFT JOIN awe.partition AS of ON of.name = at.partition
        ORDER BY at.partition
        """
    )
    for name, version, *standing in await cursor.fetchall():
        if (name, version) in found:
            found[name, version].partitions.append(PartitionStanding(*standing))
    return list(found.values())


async def live_position(
    connection: AsyncConnection[Any], names: Collection[str], partition: str
) -> int | None:
    """Return the position that all live versions of these projections have reached; None when one has no position."""
    cursor = await connection.execute(
        """
        SELECT count(at.n), min(at.n) FROM awe.projection AS known
        LEFT JOIN awe.projection_position AS at
            ON at.name = known.name AND at.version = known.version AND at.partition = %s
        WHERE known.live AND known.name = ANY(%s)
        """,
        (partition, list(names)),
    )
    ((reached, n),) = await cursor.fetchall()
    return n if reached == len(set(names)) else None


async def parked(
    connection: AsyncConnection[Any], names: Collection[str], sequences: Mapping[str, Collection[str]]
) -> Mapping[tuple[str, str], int]:
    """Return which of these sequences (by partition) the live versions hold parked, and from which position on."""
    pairs = [(partition, each) for partition, of in sequences.items() for each in of]
    cursor = await connection.execute(
        """
        SELECT at.partition, at.sequence, min(at.n)
        FROM unnest(%s::text[], %s::text[]) AS of (partition, sequence)
        JOIN awe.parked AS at USING (partition, sequence)
        JOIN awe.projection AS known ON known.name = at.name AND known.version = at.version AND known.live
        WHERE at.name = ANY(%s) GROUP BY at.partition, at.sequence
        """,
        ([pair[0] for pair in pairs], [pair[1] for pair in pairs], list(names)),
    )
    return {(partition, sequence): n for partition, sequence, n in await cursor.fetchall()}
