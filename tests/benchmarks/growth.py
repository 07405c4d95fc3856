"""An append costs the same however much the log holds, and however many aggregates its run has."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count

from awe.commands.log import Appended, EventLog, Expect, NewEvent, Unit
from awe.domain.task.events import TaskSucceeded
from benchmarks.author import SUMMARY, body, new_append_id, new_run
from benchmarks.comparison import Variant, cpu, ratio, take_turns
from benchmarks.cpu import Meter
from benchmarks.filling import fill, widen
from benchmarks.in_flight import in_flight
from benchmarks.logs import connected, logs_of
from benchmarks.row import Row, Target
from benchmarks.servers import hot_server
from benchmarks.settings import Settings

AT_ONCE = 50
SMALL = 10
MIDDLE = 10_000
LARGE = 1_000_000
WIDE = 100_000

_numbers = count()


async def growth(settings: Settings) -> Sequence[Row]:
    """Appends of one kind to small and large partitions of one server, by turns."""
    appends = settings.sized(3_000)
    smalls = [f"small.{turn}" for turn in range(settings.repeats + 1)]
    with hot_server(settings) as server:
        async with (
            connected(server.url) as client,
            logs_of(client, smalls) as fresh,
            logs_of(client, ["middle", "large", "wide"]) as grown,
        ):
            for log in fresh:
                await fill(log, SMALL, summary="")
            unused = iter(fresh)
            variants: dict[str, Variant] = {"small": lambda: _append(next(unused), new_run(), appends)}
            variants |= await _grown(grown, settings, appends)
            samples = await take_turns(Meter(server.pid), settings.repeats, variants)
    floor = samples["small"]
    return [
        Row(
            f"append at {size}",
            "us CPU each",
            cpu(samples[size]),
            ratio(samples[size], floor),
            cpu(floor),
            Target(1.2),
            f"floor = the same at {SMALL} events, in a run of its own; {AT_ONCE} in flight",
        )
        for size in variants
        if size != "small"
    ]


async def _grown(logs: Sequence[EventLog], settings: Settings, appends: int) -> Mapping[str, Variant]:
    middle, large, wide = logs
    sizes = settings.sized(MIDDLE), settings.sized(LARGE), settings.sized(WIDE)
    run = new_run()
    await fill(middle, sizes[0], summary="")
    await fill(large, sizes[1], summary="")
    await widen(wide, run, sizes[2])
    return {
        f"{sizes[0]:,} events": lambda: _append(middle, new_run(), appends),
        f"{sizes[1]:,} events": lambda: _append(large, new_run(), appends),
        f"{sizes[2]:,} aggregates of a run": lambda: _append(wide, run, appends),
    }


async def _append(log: EventLog, run: str, appends: int) -> int:
    return await in_flight([partial(_begin, log, run)] * AT_ONCE, appends)


async def _begin(log: EventLog, run: str) -> None:
    """Append the first event of another aggregate of the run."""
    append_id = new_append_id()
    aggregate = f"t:grown[{next(_numbers)}]"
    event = NewEvent(aggregate, TaskSucceeded.event_type, body(append_id, SUMMARY))
    outcome = await log.append(Unit(append_id, run, (event,), (Expect(aggregate, 0),)))
    if not isinstance(outcome, Appended):
        raise RuntimeError(f"an append without rivals was refused: {outcome}")  # noqa: TRY004 - an outcome, no type
