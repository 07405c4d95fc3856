from collections.abc import AsyncGenerator

import pytest_asyncio

from support.reading_room import ReadingRoom, reading_room


@pytest_asyncio.fixture
async def room(valkey_url: str, postgres_database: str, keyspace: str) -> AsyncGenerator[ReadingRoom]:
    async with reading_room(valkey_url, postgres_database, keyspace) as opened:
        yield opened
