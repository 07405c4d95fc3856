"""As many questions are asked at a time as there are connections; who waits too long is told so."""

import pytest

from awe.api.bootstrap.read_connections import ReadConnections
from awe.projections.errors import ArchiveUnavailable


async def test_connections_are_lent_to_one_at_a_time(postgres_database: str) -> None:
    reads = ReadConnections(postgres_database, "api", 2, wait_s=0.01)
    async with reads.connection() as one:
        async with reads.connection() as other:
            assert one is not other
            with pytest.raises(ArchiveUnavailable, match="All 2 connections"):
                async with reads.connection():
                    pass
        async with reads.connection() as again:
            assert again is other
    await reads.aclose()
