"""One process at a time works on the versions of a projection; whoever comes second is told by whom, and since when.

The lock ends with its connection, so nobody has to break it. Whoever loses it in an outage does no harm: positions are
compared wherever tables are written.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC
from typing import Final
from zlib import crc32

from psycopg import Error

from awe.projections.ports import Connections
from awe.projections.rebuild.errors import Busy

_CLASS: Final = int.from_bytes(b"prj")


@asynccontextmanager
async def locked(connections: Connections, name: str, who: str) -> AsyncGenerator[None]:
    """Hold the lock of a projection; ``connections`` serves nothing else meanwhile.

    Raises:
        Busy: somebody else holds it.
    """
    async with connections.connection() as connection:
        key = (_CLASS, crc32(name.encode()) - 2**31)
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        ((mine,),) = await cursor.fetchall()
        if not mine:
            cursor = await connection.execute(
                "SELECT who, since FROM awe.projection_work WHERE name = %s", (name,)
            )
            told = await cursor.fetchone()
            by = (
                "" if told is None else f" by {told[0]} since {told[1].astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
            )
            raise Busy(f"the versions of {name} are being worked on{by}: wait for the end of that, or end it")
        await connection.execute(
            """
            INSERT INTO awe.projection_work (name, who) VALUES (%s, %s)
            ON CONFLICT (name) DO UPDATE SET who = excluded.who, since = now()
            """,
            (name, who),
        )
        try:
            yield
        finally:
            with suppress(Error):  # a connection that is gone holds no lock
                await connection.execute("SELECT pg_advisory_unlock(%s, %s)", key)
