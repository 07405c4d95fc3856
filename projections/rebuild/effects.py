"""What a decision on a version does in Postgres: each in one transaction, and harmless when repeated."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection
from psycopg.errors import InvalidTableDefinition, LockNotAvailable

from awe.projections import positions
from awe.projections.ports import Connections
from awe.projections.tables import schema_of

_LOCK_WAIT: Final = "300ms"
"""A view that is replaced waits for its readers, and new readers wait behind it: never longer than this."""

_PAUSE_S: Final = 0.1


class Known(NamedTuple):
    """A version as Postgres has it; `decided` is the revision of control that made it live."""

    number: int
    code: str
    live: bool
    building: bool
    stopped: str | None
    decided: int


async def known(connection: AsyncConnection[Any], name: str) -> Sequence[Known]:
    """The versions of a projection that have tables, by number."""
    cursor = await connection.execute(
        """
        SELECT version, code, live, building, stopped, decided
        FROM awe.projection WHERE name = %s ORDER BY version
        """,
        (name,),
    )
    return [Known(*row) for row in await cursor.fetchall()]


async def read(connections: Connections, name: str, number: int, decided: int, *, not_behind: bool) -> bool:
    """Let queries read a version: each of them sees the former one whole, or this one.

    With ``not_behind`` nothing is done, and False returned, when it is behind the live version anywhere.
    """
    while True:
        async with connections.connection() as connection:
            try:
                async with connection.transaction():
                    await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'".encode())
                    if not_behind and await _behind(connection, name, number):
                        return False
                    await connection.execute(
                        "UPDATE awe.projection SET live = false WHERE name = %s AND live AND version <> %s",
                        (name, number),
                    )
                    await connection.execute(
                        "UPDATE awe.projection SET live = true, decided = %s WHERE name = %s AND version = %s",
                        (decided, name, number),
                    )
                    await _replace_view(connection, name, f"{schema_of(name, number)}.{name}")
                return True  # noqa: TRY300 (the transaction is committed only here)
            except LockNotAvailable:  # somebody reads for long: let those pass who wait behind us
                pass
        await asyncio.sleep(_PAUSE_S)


async def handed_over(connection: AsyncConnection[Any], name: str, number: int) -> None:
    """Leave a version to the feed, which takes it up where its positions are."""
    await connection.execute(
        "UPDATE awe.projection SET building = false WHERE name = %s AND version = %s", (name, number)
    )


async def dropped(connection: AsyncConnection[Any], name: str, number: int) -> None:
    """Give up a version that is not read, with its table."""
    async with connection.transaction():
        gone = await connection.execute(
            "DELETE FROM awe.projection WHERE name = %s AND version = %s AND NOT live", (name, number)
        )
        if gone.rowcount:
            await connection.execute(f"DROP SCHEMA IF EXISTS {schema_of(name, number)} CASCADE".encode())


async def _behind(connection: AsyncConnection[Any], name: str, number: int) -> bool:
    """Whether the version lacks events that the live one has; neither moves until the transaction ends."""
    await connection.execute(
        "SELECT FROM awe.projection_position WHERE name = %s ORDER BY version, partition FOR UPDATE", (name,)
    )
    cursor = await connection.execute(
        """
        SELECT EXISTS (
            SELECT FROM awe.projection AS live
            JOIN awe.projection_position AS at ON at.name = live.name AND at.version = live.version
            LEFT JOIN awe.projection_position AS mine
                ON mine.name = at.name AND mine.partition = at.partition AND mine.version = %s
            WHERE live.name = %s AND live.live AND coalesce(mine.n, 0) < at.n)
        """,
        (number, name),
    )
    ((behind,),) = await cursor.fetchall()
    return bool(behind)


async def _replace_view(connection: AsyncConnection[Any], name: str, table: str) -> None:
    """Keep the view, and with it who may read it and what is built on it, unless its columns are others now."""
    try:
        async with connection.transaction():
            view = f"{positions.READ_SCHEMA}.{name}"
            await connection.execute(f"CREATE OR REPLACE VIEW {view} AS TABLE {table}".encode())
    except InvalidTableDefinition:
        await positions.read_from(connection, name, table)
