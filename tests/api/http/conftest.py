from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from support.http_door import HttpDoor, Opening, http_door
from support.server_process import ValkeyProcess


@pytest.fixture
def opening(own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path) -> Opening:
    """Open a door with settings of the test's own."""

    def open_door(**settings: Any) -> AbstractAsyncContextManager[HttpDoor]:
        return http_door(own_valkey.url, postgres_database, tmp_path, **settings)

    return open_door


@pytest_asyncio.fixture
async def door(opening: Opening) -> AsyncGenerator[HttpDoor]:
    async with opening() as opened:
        yield opened
