from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from support.graphql_door import Door, door
from support.server_process import ValkeyProcess


@pytest_asyncio.fixture
async def room(own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path) -> AsyncGenerator[Door]:
    """A door of its own, with nothing behind it yet."""
    async with door(own_valkey.url, postgres_database, tmp_path) as opened:
        yield opened
