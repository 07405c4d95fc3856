"""A few connections to Postgres for those who only read: as many questions are asked at a time, and the others wait."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from psycopg import AsyncConnection

from awe.adapters.postgres.connection import OwnedConnection
from awe.projections.errors import ArchiveUnavailable

STATEMENT_S: Final = 10.0
USE_S: Final = 20.0
WAIT_S: Final = 10.0


class ReadConnections:
    """Implements `awe.projections.ports.Connections`; each is opened when it is first needed."""

    def __init__(self, url: str, role: str, count: int, *, wait_s: float = WAIT_S) -> None:
        self._owned = [
            OwnedConnection(url, role, statement_timeout_s=STATEMENT_S, use_timeout_s=USE_S, prepares=False)
            for _ in range(count)
        ]
        self._free: asyncio.LifoQueue[OwnedConnection] = asyncio.LifoQueue()  # few are enough mostly
        for each in self._owned:
            self._free.put_nowait(each)
        self._wait_s = wait_s

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[AsyncConnection[Any]]:
        """Lend a connection; see the port."""
        try:
            async with asyncio.timeout(self._wait_s):
                owned = await self._free.get()
        except TimeoutError:
            raise ArchiveUnavailable(
                f"All {len(self._owned)} connections to Postgres were in use for {self._wait_s:g} s; ask again later"
            ) from None
        try:
            async with owned.connection() as connection:
                yield connection
        finally:
            self._free.put_nowait(owned)

    async def aclose(self) -> None:
        """Close them all; a later use opens them again."""
        for each in self._owned:
            await each.aclose()
