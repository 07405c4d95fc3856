"""What an append costs: building, encoding, the round trip, the script and the sync to disk."""

from collections.abc import Sequence
from contextlib import aclosing

from benchmarks.author import Author
from benchmarks.comparison import cpu, ratio, take_turns
from benchmarks.cpu import Meter
from benchmarks.floor import plain_client, xadd
from benchmarks.in_flight import in_flight
from benchmarks.logs import connected, logs_of
from benchmarks.row import Row, Target
from benchmarks.servers import hot_server
from benchmarks.settings import Settings

AT_ONCE = 50
PARTITIONS = 16


async def append(settings: Settings) -> Sequence[Row]:
    """F50: fifty XADDs in flight, against fifty appends."""
    note = "F50 = 50 awaited XADDs of 400 B in flight, redis.asyncio with its defaults; ours with build and encoding"
    return [await _against_xadd(settings, "append, 50 in flight", 8_000, AT_ONCE, 1, Target(1.2), note)]


async def append_alone(settings: Settings) -> Sequence[Row]:
    """F1: one XADD at a time, against one append at a time."""
    note = "F1 = one awaited XADD of 400 B at a time"
    return [await _against_xadd(settings, "append, alone", 800, 1, 1, Target(1.6), note)]


async def append_partitions(settings: Settings) -> Sequence[Row]:
    """Sixteen partitions share calls, each with fifty appends in flight."""
    note = "floor F50; all partitions on one server"
    return [
        await _against_xadd(settings, "append, 16 partitions x 50", 8_000, AT_ONCE, PARTITIONS, None, note)
    ]


async def _against_xadd(
    settings: Settings,
    name: str,
    full: int,
    at_once: int,
    partitions: int,
    target: Target | None,
    note: str,
) -> Row:
    count = settings.sized(full)
    names = [f"awe.{number:02d}" for number in range(partitions)]
    with hot_server(settings) as server:
        async with (
            aclosing(plain_client(server.url)) as plain,
            connected(server.url) as client,
            logs_of(client, names) as logs,
        ):
            floor = [xadd(plain)] * at_once
            authors = [Author(log).append for log in logs for _ in range(at_once)]
            samples = await take_turns(
                Meter(server.pid),
                settings.repeats,
                {"xadd": lambda: in_flight(floor, count), "append": lambda: in_flight(authors, count)},
            )
    return Row(
        name,
        "us CPU each",
        cpu(samples["append"]),
        ratio(samples["append"], samples["xadd"]),
        cpu(samples["xadd"]),
        target,
        note,
    )
