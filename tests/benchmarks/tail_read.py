"""What reading the log costs: every event parsed and decoded, against entries as the library hands them over."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from awe.commands.log import EventLog, Page, Position
from awe.domain.vocabulary import decode
from benchmarks.comparison import cpu, ratio, take_turns
from benchmarks.cpu import Meter
from benchmarks.filling import fill
from benchmarks.floor import plain_client
from benchmarks.logs import connected, log_of
from benchmarks.row import Row, Target
from benchmarks.servers import hot_server
from benchmarks.settings import Settings

PAGE = 500
_PARTITION = "awe.00"


async def tail_read(settings: Settings) -> Sequence[Row]:
    """Both read the whole log in pages of 500 through asyncio clients."""
    count = settings.sized(30_000)
    with hot_server(settings) as server:
        async with (
            aclosing(plain_client(server.url)) as plain,
            connected(server.url) as client,
            log_of(client, _PARTITION) as log,
        ):
            await fill(log, count)
            samples = await take_turns(
                Meter(server.pid),
                settings.repeats,
                {"xrange": lambda: _raw(plain), "read": lambda: _decoded(log)},
            )
    return [
        Row(
            "tail read with decoding",
            "us CPU an event",
            cpu(samples["read"]),
            ratio(samples["read"], samples["xrange"]),
            cpu(samples["xrange"]),
            Target(3.0),
            "floor = xrange() of the same entries through redis.asyncio with its default reply parsing",
        )
    ]


async def _raw(client: Any) -> int:
    seen = 0
    while entries := await client.xrange(f"{{{_PARTITION}}}:log", f"{seen + 1}-0", count=PAGE):
        seen += len(entries)
    return seen


async def _decoded(log: EventLog) -> int:
    position = Position(0, (await log.head()).epoch)
    while True:
        page = await log.read(position, PAGE)
        if not isinstance(page, Page) or not page.events:
            return position.n
        for event in page.events:
            decode(event.type, event.body)
        position = page.position
