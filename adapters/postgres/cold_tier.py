"""The archive as the readers of the hot tier need it, speaking of faults as the event log does."""

from collections.abc import Sequence

from awe.adapters.postgres.faults import asked
from awe.projections import archive_reader
from awe.projections.ports import Connections
from awe.projections.stored import StoredEntry


class PostgresColdTier:
    """Implements `awe.projections.stored.ColdTier`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def entries(self, partition: str, after: int, limit: int) -> Sequence[StoredEntry]:
        """Return contiguous entries after a position; see the port."""
        async with asked(self._connections) as connection:
            return await archive_reader.entries(connection, partition, after, limit)

    async def of_run(self, partition: str, run: str) -> tuple[Sequence[StoredEntry], int]:
        """Return a run's entries and up to where they are all; see the port."""
        async with asked(self._connections) as connection:
            return await archive_reader.of_run(connection, partition, run)
