"""What an event takes of the server's memory, append ids and index included, over what its own bytes are."""

import asyncio
from collections.abc import Sequence
from typing import Any

from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.keys import Keys
from benchmarks.author import EVENTS_OF_RUN, Author
from benchmarks.in_flight import in_flight
from benchmarks.logs import connected, log_of
from benchmarks.row import Row, Target
from benchmarks.servers import hot_server
from benchmarks.settings import Settings
from benchmarks.spread import Spread

ALLOWED = 200
"""Bytes beyond the event's own."""

_RUNS = 40
_PARTITION = "awe.00"


async def memory(settings: Settings) -> Sequence[Row]:
    """Whole runs of 100 tasks with five events, each an append of its own: the dearest way for the index."""
    runs = settings.sized(_RUNS, least=1)
    count = runs * EVENTS_OF_RUN
    with hot_server(settings) as server:
        async with connected(server.url) as client, log_of(client, _PARTITION) as log:
            authors = [Author(log) for _ in range(runs)]
            await log.head()
            before = await _used(client)
            await asyncio.gather(*(in_flight([author.append], EVENTS_OF_RUN) for author in authors))
            grown = (await _used(client) - before) / count
            stored = await _stored(client) / count
            keys = await _of_keys(client) / count
    floor = stored + ALLOWED
    return [
        Row(
            "memory of an event",
            "bytes",
            Spread.exactly(grown),
            Spread.exactly(grown / floor),
            Spread.exactly(floor),
            Target(1.0),
            f"floor = stored bytes (type, meta, body) {stored:.0f} + {ALLOWED}; {count} events; "
            f"MEMORY USAGE of all keys says {keys:.0f}",
        )
    ]


async def _used(client: AsyncClient) -> int:
    await client.execute_command("MEMORY", "PURGE")
    told: Any = await client.execute_command("INFO", "memory")
    return int(told["used_memory"])


async def _stored(client: AsyncClient) -> int:
    total = 0
    start = "-"
    log = Keys(_PARTITION).log
    while entries := await client.execute_command("XRANGE", log, start, "+", "COUNT", 500):
        total += sum(len(fields[1]) + len(fields[3]) + len(fields[5]) for _, fields in entries)
        start = f"({entries[-1][0].decode()}"
    return total


async def _of_keys(client: AsyncClient) -> int:
    total = 0
    for key in await client.execute_command("KEYS", f"{{{_PARTITION}}}:*"):
        total += await client.execute_command("MEMORY", "USAGE", key, "SAMPLES", 0)
    return total
