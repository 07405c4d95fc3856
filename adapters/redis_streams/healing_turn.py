"""Healers of one partition take turns, which only saves work: tokens decide, whoever thinks that it is its turn."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import LiteralString

from awe.projections.errors import ArchiveError
from awe.projections.ports import Connections

_LOOK_AGAIN_S = 0.05
PATIENCE_S = 10.0


@asynccontextmanager
async def healing_turn(
    connections: Connections, partition: str, done: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[None]:
    """Wait for the advisory lock, until somebody else is ``done``, or until patience ends.

    The lock belongs to the session: the connections must be the healer's own.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    locked = await _ask(connections, "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", partition)
    while not locked and loop.time() < deadline and not await done():
        await asyncio.sleep(_LOOK_AGAIN_S)
        locked = await _ask(connections, "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", partition)
    try:
        yield
    finally:
        if locked:
            await _give_back(connections, partition)


async def _give_back(connections: Connections, partition: str) -> None:
    try:
        await _ask(connections, "SELECT pg_advisory_unlock(hashtextextended(%s, 0))", partition)
    except ArchiveError:
        return  # the session is gone, and its locks with it


async def _ask(connections: Connections, query: LiteralString, partition: str) -> bool:
    async with connections.connection() as connection:
        cursor = await connection.execute(query, (f"awe heals {partition}",))
        (row,) = await cursor.fetchall()
    return bool(row[0])
