"""The floor of an append: one awaited XADD of 400 bytes through redis-py's asyncio client as it comes, with hiredis."""

from typing import Any

import redis.asyncio

from benchmarks.author import BODY
from benchmarks.in_flight import Call

_VALUE = b"." * BODY


def plain_client(url: str) -> Any:
    """redis-py with its own defaults: its pool, its timeouts, its way of reading replies."""
    library: Any = redis.asyncio.Redis
    return library.from_url(url)


def xadd(client: Any) -> Call:
    async def append() -> object:
        return await client.xadd("floor", {"b": _VALUE})

    return append
