"""The archive as the readers of the hot tier need it, speaking of faults as the event log does."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection

from awe.commands.log import LogUnavailable
from awe.projections import archive_reader
from awe.projections.errors import ArchiveError
from awe.projections.ports import Connections
from awe.projections.stored import StoredEntry


class PostgresColdTier:
    """Implements `awe.projections.stored.ColdTier`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def entries(self, partition: str, after: int, limit: int) -> Sequence[StoredEntry]:
        """Return contiguous entries after a position; see the port."""
        async with self._asked() as connection:
            return await archive_reader.entries(connection, partition, after, limit)

    async def of_run(self, partition: str, run: str) -> tuple[Sequence[StoredEntry], int]:
        """Return a run's entries and up to where they are all; see the port."""
        async with self._asked() as connection:
            return await archive_reader.of_run(connection, partition, run)

    @asynccontextmanager
    async def _asked(self) -> AsyncGenerator[AsyncConnection[Any]]:
        try:
            async with self._connections.connection() as connection:
                yield connection
        except ArchiveError as error:
            raise LogUnavailable(f"The archive cannot be read now: {error}") from error
