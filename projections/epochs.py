"""Every healing of a partition begins an epoch in Postgres, committed before anything else: that fences archivers.

An epoch whose start is unknown never wrote an event. The number of partitions is chosen once, because a run's id and
so its partition follow from it.
"""

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection

from awe.projections.archive import Head
from awe.projections.errors import Fenced, SchemaRefused


async def head(connection: AsyncConnection[Any], partition: str) -> Head | None:
    """Return where a partition's archive stands, or None when the partition was never opened."""
    cursor = await connection.execute(
        "SELECT epoch, head, chain FROM awe.partition WHERE name = %s", (partition,), binary=True
    )
    row = await cursor.fetchone()
    return None if row is None else Head(*row)


async def begin(connection: AsyncConnection[Any], partition: str, above: int) -> Head:
    """Begin an epoch higher than ``above`` and all before, and return the partition's head under it."""
    async with connection.transaction():
        cursor = await connection.execute(
            """
            INSERT INTO awe.partition AS known (name, epoch) VALUES (%(partition)s, %(above)s + 1)
            ON CONFLICT (name) DO UPDATE SET epoch = greatest(known.epoch, %(above)s) + 1
            RETURNING epoch, head, chain
            """,
            {"partition": partition, "above": above},
            binary=True,
        )
        (row,) = await cursor.fetchall()
        begun = Head(*row)
        await connection.execute(
            "INSERT INTO awe.epoch (partition, epoch) VALUES (%s, %s)", (partition, begun.epoch)
        )
    return begun


async def start(connection: AsyncConnection[Any], partition: str, epoch: int, start_n: int) -> None:
    """Commit the first position that an epoch may write.

    Raises:
        Fenced: a later epoch has begun.
    """
    started = await connection.execute(
        """
        UPDATE awe.epoch SET start_n = %(start_n)s
        FROM (SELECT epoch FROM awe.partition WHERE name = %(partition)s FOR UPDATE) AS known
        WHERE awe.epoch.partition = %(partition)s AND awe.epoch.epoch = %(epoch)s AND known.epoch = %(epoch)s
        """,
        {"partition": partition, "epoch": epoch, "start_n": start_n},
    )
    if started.rowcount != 1:
        raise Fenced(
            f"partition {partition}: a healing later than epoch {epoch} has begun; leave it to that one"
        )


async def starts(connection: AsyncConnection[Any], partition: str) -> Mapping[int, int]:
    """Return each epoch that could write, with the first position it could write."""
    cursor = await connection.execute(
        "SELECT epoch, start_n FROM awe.epoch WHERE partition = %s AND start_n IS NOT NULL ORDER BY epoch",
        (partition,),
        binary=True,
    )
    return dict(await cursor.fetchall())


async def settle_partitions(connection: AsyncConnection[Any], partitions: int) -> None:
    """Store the installation's number of partitions the first time; later it must be the same.

    Raises:
        SchemaRefused: the installation has another number.
    """
    await connection.execute(
        "INSERT INTO awe.installation (partitions) VALUES (%s) ON CONFLICT DO NOTHING", (partitions,)
    )
    cursor = await connection.execute("SELECT partitions FROM awe.installation")
    (row,) = await cursor.fetchall()
    if row[0] != partitions:
        raise SchemaRefused(
            f"this installation was created with {row[0]} partitions, not {partitions}: set AWE_PARTITIONS={row[0]}"
        )
