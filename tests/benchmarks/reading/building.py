"""One version of a read model, built from nothing as a rebuild does it; nobody reads it.

    python -m benchmarks.reading.building POSTGRES_URL

builds `tasks`, and says the highest memory that this process had, in MiB.
"""

import asyncio
import sys

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.reading.entries import decoded
from awe.projections import positions
from awe.projections.projector import Projector
from awe.projections.read_models.tasks import Tasks
from awe.projections.rebuild import effects
from awe.projections.rebuild.builder import Builder
from benchmarks.reading.archived import PARTITION
from benchmarks.resident import peak_mib

NUMBER = 2
"""Of the version; the first one is the one that is read."""


async def build(
    writing: OwnedConnection, reading: OwnedConnection, projector: Projector, partition: str
) -> None:
    """Drop what was built before, and build it from the whole archive of the partition."""
    async with writing.connection() as connection:
        await effects.dropped(connection, projector.name, NUMBER)
        async with connection.transaction():
            await positions.create(connection, projector, NUMBER, building=True)
            await connection.execute(
                "INSERT INTO awe.projection_position (name, version, partition) VALUES (%s, %s, %s)",
                (projector.name, NUMBER, partition),
            )
    await Builder(writing, reading, projector, NUMBER, decoded).run(lambda _: None)


async def main(url: str) -> None:
    writing, reading = OwnedConnection(url, "builder"), OwnedConnection(url, "reader")
    await build(writing, reading, Tasks(), PARTITION)
    sys.stdout.write(f"{peak_mib()}\n")
    for each in (writing, reading):
        await each.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
