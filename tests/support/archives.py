"""An archive to write tests against: a migrated database, and batches of entries that no hot tier made."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from awe.adapters.postgres.connection import OwnedConnection
from awe.projections import archive, epochs
from awe.projections.archive import Head
from awe.projections.migrations.migrate import migrate
from awe.projections.ports import Duties
from awe.projections.stored import StoredEntry

PARTITION = "awe.00"


@asynccontextmanager
async def migrated(url: str, role: str = "test") -> AsyncGenerator[OwnedConnection]:
    """Connections to the database, with this release's schema."""
    owned = OwnedConnection(url, role)
    try:
        async with owned.connection() as connection:
            await migrate(connection)
        yield owned
    finally:
        await owned.aclose()


def entries(first: int, count: int, run: str = "r-00-a") -> Sequence[StoredEntry]:
    return [
        StoredEntry(n, b"awe.test/1", f"{run}\tt:a\t{n}\tap{n}\t0\t{1000 + n}".encode(), b'{"n":%d}' % n)
        for n in range(first, first + count)
    ]


async def grow(owned: OwnedConnection, base: Head, count: int, duties: Duties | None = None) -> Head:
    """Archive `count` further entries."""
    async with owned.connection() as connection:
        return await archive.append(
            connection, PARTITION, base, entries(base.n + 1, count), duties or Duties()
        )


async def begun(owned: OwnedConnection, above: int = 0) -> Head:
    """Begin an epoch of the partition."""
    async with owned.connection() as connection:
        return await epochs.begin(connection, PARTITION, above)
