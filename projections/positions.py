"""Which versions of the projections are fed, up to where, and what of them is parked: the rows beside their tables.

A position moves in the transaction that changes the tables, and only from where it was believed to stand: of two that
apply the same batch one writes, and the other learns that it was slower.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from awe.projections.errors import Fenced
from awe.projections.folding import Parked
from awe.projections.projector import Projector
from awe.projections.tables import Statements, code_of

READ_SCHEMA = "awe_read"
_LOCK = int.from_bytes(b"awe.proj")


class Fed(NamedTuple):
    """A version that this release can feed, and how far one partition of it is."""

    name: str
    number: int
    n: int
    stopped: str | None
    edition: int = 0


async def install(
    connection: AsyncConnection[Any], projectors: Sequence[Projector], partitions: Sequence[str]
) -> None:
    """Give each projection that has no version its first one, which is read at once, and every version its positions."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        for projector in projectors:
            cursor = await connection.execute(
                "SELECT count(*) FROM awe.projection WHERE name = %s", (projector.name,)
            )
            ((known,),) = await cursor.fetchall()
            if not known:
                await create(connection, projector, 1, live=True)
        await connection.execute(
            """
            INSERT INTO awe.projection_position (name, version, partition)
            SELECT known.name, known.version, here.partition
            FROM awe.projection AS known, unnest(%s::text[]) AS here (partition)
            ON CONFLICT DO NOTHING
            """,
            (list(partitions),),
        )


async def create(
    connection: AsyncConnection[Any],
    projector: Projector,
    number: int,
    *,
    live: bool = False,
    building: bool = False,
) -> None:
    """Begin a version with an empty table.

    One that is live is read from now on; one that is being built has no indexes yet, and is left to its builder.
    """
    statements = Statements(projector, number)
    await connection.execute(
        "INSERT INTO awe.projection (name, version, code, live, building) VALUES (%s, %s, %s, %s, %s)",
        (projector.name, number, code_of(projector), live, building),
    )
    await connection.execute(statements.create.encode())
    if not building:
        await connection.execute(statements.create_indexes.encode())
    if live:
        await read_from(connection, projector.name, statements.table)


async def read_from(connection: AsyncConnection[Any], name: str, table: str) -> None:
    """Let queries read this table; in a transaction, so that no query finds none."""
    view = f"{READ_SCHEMA}.{name}"
    await connection.execute(f"DROP VIEW IF EXISTS {view}; CREATE VIEW {view} AS TABLE {table}".encode())


async def fed(
    connection: AsyncConnection[Any], projectors: Mapping[str, Projector], partition: str
) -> Sequence[Fed]:
    """The versions that these projectors feed: those of the same code."""
    cursor = await connection.execute(
        """
        SELECT known.name, known.version, known.code, at.n, known.stopped, at.edition
        FROM awe.projection AS known JOIN awe.projection_position AS at USING (name, version)
        WHERE at.partition = %s AND NOT known.building ORDER BY known.name, known.version
        """,
        (partition,),
    )
    return [
        Fed(name, number, n, stopped, edition)
        for name, number, code, n, stopped, edition in await cursor.fetchall()
        if name in projectors and code_of(projectors[name]) == code
    ]


async def move(connection: AsyncConnection[Any], partition: str, versions: Sequence[Fed], to: int) -> None:
    """Move the positions of versions that stand at one position, and lock them until the transaction ends.

    Raises:
        Fenced: one of them stands elsewhere, was stopped or dropped: read the positions again.
    """
    told = json.dumps(
        [
            {"name": each.name, "version": each.number, "n": each.n, "edition": each.edition}
            for each in versions
        ]
    )
    moved = await connection.execute(
        """
        UPDATE awe.projection_position AS at SET n = %s
        FROM json_to_recordset(%s::json) AS batch(name text, version integer, n bigint, edition integer)
        WHERE at.name = batch.name AND at.version = batch.version AND at.partition = %s
        AND at.n = batch.n AND at.edition = batch.edition
        """,
        (to, told, partition),
    )
    if moved.rowcount != len(versions):
        raise Fenced(
            f"the projections of partition {partition} do not stand where they were read: read them again"
        )


async def parked(
    connection: AsyncConnection[Any], partition: str, name: str, number: int
) -> dict[str, Parked]:
    """The sequences of a version that are parked, by name."""
    cursor = await connection.execute(
        "SELECT sequence, n, events, error FROM awe.parked WHERE name = %s AND version = %s AND partition = %s",
        (name, number, partition),
    )
    return {sequence: Parked(n, events, error) for sequence, n, events, error in await cursor.fetchall()}


async def park(
    connection: AsyncConnection[Any], partition: str, name: str, number: int, found: Mapping[str, Parked]
) -> None:
    """Store sequences that are parked now, or that grew."""
    rows = [
        {
            "sequence": sequence,
            "n": each.n,
            "events": each.events,
            "error": each.error.replace("\0", "\ufffd"),
        }
        for sequence, each in found.items()
    ]
    await connection.execute(
        """
        INSERT INTO awe.parked AS known (name, version, partition, sequence, n, events, error)
        SELECT %s, %s, %s, sequence, n, events, error
        FROM json_to_recordset(%s::json) AS batch(sequence text, n bigint, events bigint, error text)
        ON CONFLICT (name, version, partition, sequence) DO UPDATE SET events = excluded.events
        """,
        (name, number, partition, json.dumps(rows)),
    )


async def stop(connection: AsyncConnection[Any], name: str, number: int, why: str) -> None:
    """Feed a version no more until somebody has looked at it."""
    await connection.execute(
        "UPDATE awe.projection SET stopped = %s WHERE name = %s AND version = %s AND stopped IS NULL",
        (why, name, number),
    )


async def resume(connection: AsyncConnection[Any], name: str) -> Sequence[int]:
    """Feed the stopped versions of a projection again, and return their numbers."""
    cursor = await connection.execute(
        "UPDATE awe.projection SET stopped = NULL WHERE name = %s AND stopped IS NOT NULL RETURNING version",
        (name,),
    )
    return sorted(number for (number,) in await cursor.fetchall())


async def take(connection: AsyncConnection[Any], partition: str, name: str, number: int) -> int | None:
    """Keep a version's table to this transaction, whose changes nobody overlooks: return its position.

    None: there is no such version, or it has no position in the partition.
    """
    cursor = await connection.execute(
        """
        UPDATE awe.projection_position SET edition = edition + 1
        WHERE name = %s AND version = %s AND partition = %s RETURNING n
        """,
        (name, number, partition),
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]
