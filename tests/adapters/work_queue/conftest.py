from collections.abc import AsyncIterator

import pytest

from support.plant import Plant, planted


@pytest.fixture
async def plant(valkey_url: str, keyspace: str) -> AsyncIterator[Plant]:
    async with planted(valkey_url, f"{keyspace}.00") as plant:
        yield plant
