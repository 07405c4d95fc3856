from collections.abc import AsyncIterator

import pytest

from support.workshop import Workshop


@pytest.fixture
async def shop() -> AsyncIterator[Workshop]:
    workshop = Workshop()
    yield workshop
    await workshop.aclose()
