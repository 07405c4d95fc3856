"""Two versions of a projection, compared row by row in one snapshot in which both stand at one position a partition.

Nobody waits for a comparison: a snapshot holds up neither the feed nor a reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection

from awe.projections.projector import Projector
from awe.projections.tables import schema_of

FIRST: Final = 10
"""So many differing keys are named."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared at which positions, and what came of it.

    Attributes:
        columns: those that both have; the others were not compared.
        differing: each as ``partition/key: what``, the first ones.
        differences: how many rows differ or stand on one side only.
    """

    version: int
    against: int
    rows: int
    against_rows: int
    differences: int
    differing: Sequence[str]
    columns: Sequence[str]
    not_compared: Sequence[str]
    parked: int
    against_parked: int
    positions: Mapping[str, int]

    @property
    def equal(self) -> bool:
        """Whether each row is the same, and as much is parked."""
        return not self.differences and self.parked == self.against_parked

    @property
    def report(self) -> str:
        """One line for people."""
        told = f"{self.rows:,} rows, {self.against_rows:,} in version {self.against}"
        if self.differences:
            told += f", {self.differences:,} differ, the first {self.differing[0]}"
        if self.parked != self.against_parked:
            told += f", {self.parked} sequences parked, {self.against_parked} in version {self.against}"
        if self.not_compared:
            told += f" (without {', '.join(self.not_compared)}, which one of them lacks)"
        return told


async def compare(
    connection: AsyncConnection[Any], projector: Projector, number: int, against: int
) -> Comparison | None:
    """Compare; None when the versions do not stand at one position now.

    Raises:
        ValueError: another key: nothing can be compared.
    """
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        stand = await standings(connection, projector.name, number, against)
        if any(one != other for one, other in stand.values()):
            return None
        columns, lacking = await _columns(connection, projector, number, against)
        compared = _compared(projector, number, against, columns)
        cursor = await connection.execute(
            f"{compared} SELECT count(one), count(other), count(*) FILTER (WHERE {_DIFFER}) FROM compared".encode()  # noqa: S608 (names are checked)
        )
        ((rows, against_rows, differences),) = await cursor.fetchall()
        differing: list[str] = []
        if differences:
            key = ", ".join(("partition", *projector.table.key))
            cursor = await connection.execute(
                f"{compared} SELECT {key}, one IS NULL, other IS NULL FROM compared WHERE {_DIFFER} ORDER BY {key} LIMIT {FIRST}".encode()  # noqa: S608 (likewise)
            )
            differing = [
                f"{'/'.join(map(str, keys))}: {_side(number, against, missing, surplus)}"
                for *keys, missing, surplus in await cursor.fetchall()
            ]
        parked = await _parked(connection, projector.name)
    return Comparison(
        number,
        against,
        rows,
        against_rows,
        differences,
        differing,
        columns,
        lacking,
        parked.get(number, 0),
        parked.get(against, 0),
        {partition: n for partition, (n, _) in stand.items()},
    )


async def standings(
    connection: AsyncConnection[Any], name: str, number: int, against: int
) -> Mapping[str, tuple[int, int]]:
    """Where two versions stand in each partition."""
    cursor = await connection.execute(
        """
        SELECT partition, sum(n) FILTER (WHERE version = %s), sum(n) FILTER (WHERE version = %s)
        FROM awe.projection_position WHERE name = %s GROUP BY partition ORDER BY partition
        """,
        (number, against, name),
    )
    return {partition: (int(one or 0), int(other or 0)) for partition, one, other in await cursor.fetchall()}


_DIFFER: Final = "one IS DISTINCT FROM other"


def _side(number: int, against: int, missing: bool, surplus: bool) -> str:  # noqa: FBT001 (as they come out of the row)
    if missing:
        return f"only in version {against}"
    return f"only in version {number}" if surplus else "differs"


async def _columns(
    connection: AsyncConnection[Any], projector: Projector, number: int, against: int
) -> tuple[Sequence[str], Sequence[str]]:
    """The columns of both, and those that one of them lacks or has with another type."""
    found: list[dict[str, str]] = []
    for version in (number, against):
        cursor = await connection.execute(
            """
            SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
            WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
            """,
            (f"{schema_of(projector.name, version)}.{projector.name}",),
        )
        found.append(dict(await cursor.fetchall()))
    one, other = found
    both = [name for name, kind in one.items() if other.get(name) == kind and name != "partition"]
    if not set(projector.table.key) <= set(both):
        raise ValueError(
            f"versions {number} and {against} of {projector.name} have different keys, so their rows cannot be compared"
        )
    return both, sorted((one.keys() | other.keys()) - set(both) - {"partition"})


def _compared(projector: Projector, number: int, against: int, columns: Sequence[str]) -> str:
    """A row for each key of either side, with the checksum of each side's row."""
    key = ", ".join(("partition", *projector.table.key))
    # JSON of equal meaning may be written differently, once it was read back and written again.
    told = ", ".join(
        f"{name}::jsonb" if projector.table.columns.get(name) == "json" else name for name in columns
    )

    def side(version: int, name: str) -> str:
        table = f"{schema_of(projector.name, version)}.{projector.name}"
        return f"(SELECT {key}, md5(ROW({told})::text) AS {name} FROM {table}) AS of_{name}"  # noqa: S608 (names are checked)

    return f"WITH compared AS (SELECT * FROM {side(number, 'one')} FULL JOIN {side(against, 'other')} USING ({key}))"  # noqa: S608 (likewise)


async def _parked(connection: AsyncConnection[Any], name: str) -> dict[int, int]:
    cursor = await connection.execute(
        "SELECT version, count(*) FROM awe.parked WHERE name = %s GROUP BY version", (name,)
    )
    return dict(await cursor.fetchall())
