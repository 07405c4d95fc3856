"""Many clients on a bad network, with a server that pauses and fails: no unit twice, none in doubt, none torn."""

import asyncio
import random
from itertools import groupby

import pytest

from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.wire import GOOD, Fate
from awe.commands.log import (
    Appended,
    Conflict,
    Exhausted,
    Expect,
    Limit,
    Outcome,
    RecordedEvent,
    Reserve,
    Unit,
)
from support.conformance.units import everything, follows, unit
from support.virtual_clock import VirtualClock

PARTITION = "test.one"
CLIENTS = 4
UNITS = 25
BOUND = 30


class Storm:
    """Fates drawn from one seed."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def fate(self, operation: str) -> Fate:  # noqa: ARG002 (whatever it is)
        chance = self._chance
        if chance.random() < 0.6:
            return GOOD
        arrivals = tuple(chance.choice((0.0, 0.1, 2.0, 7.0)) for _ in range(chance.choice((0, 1, 1, 2))))
        return Fate(arrivals, chance.choice((None, 0.0, 0.2, 4.0)))


async def client(log: MemoryEventLog, name: str) -> list[tuple[Unit, Outcome]]:
    """Append units to one's own aggregate and to a shared one, each expecting what the last one left."""
    done: list[tuple[Unit, Outcome]] = []
    version, writer = 0, ""
    for index in range(UNITS):
        sent = unit(
            f"t:{name}",
            "t:shared",
            expects=[Expect(f"t:{name}", version, writer)],
            counters=[Reserve("slots", f"{name}-{index}", 1)],
        )
        told = await log.append(sent)
        assert not isinstance(told, Conflict), "a conflict with oneself"
        done.append((sent, told))
        if isinstance(told, Appended):
            version, writer = version + 1, sent.id
    return done


async def weather(server: MemoryServer, clock: VirtualClock, chance: random.Random) -> None:
    """Pause and restart the server, archive, trim, drop."""
    while True:
        await clock.sleep(chance.uniform(0.05, 1.5))
        match chance.randrange(4):
            case 0:
                server.pause()
                await clock.sleep(chance.uniform(0.1, 5))
                server.resume()
            case 1:
                server.crash(PARTITION)
                await clock.sleep(chance.uniform(0.1, 5))
                server.heal(PARTITION)
            case 2:
                server.archive(PARTITION, server.partition(PARTITION).n)
                server.trim(PARTITION, server.partition(PARTITION).n)
            case _:
                server.drop_index(PARTITION, "r-00-one")


async def storm(seed: int) -> tuple[list[RecordedEvent], list[tuple[Unit, Outcome]]]:
    """Return the log and what every client was told."""
    chance = random.Random(seed)
    clock = VirtualClock()
    server = MemoryServer(clock)
    logs = [
        MemoryEventLog(server, PARTITION, faults=Storm(chance), reply_timeout_s=1.0) for _ in range(CLIENTS)
    ]
    await clock.until(logs[0].append(unit("run", counters=[Limit("slots", BOUND)])))
    sky = asyncio.create_task(weather(server, clock, chance))
    told = await clock.until(asyncio.gather(*(client(log, str(number)) for number, log in enumerate(logs))))
    sky.cancel()
    await asyncio.gather(sky, return_exceptions=True)
    server.resume()
    server.heal(PARTITION)
    await clock.until(clock.sleep(60))
    events = list(await clock.until(everything(logs[0])))
    for log in logs:
        await log.aclose()
    return events, [each for one in told for each in one]


@pytest.mark.parametrize("seed", range(12))
async def test_i02_i07_i08_i23_a_storm_leaves_each_unit_once(seed: int) -> None:
    events, told = await storm(seed)
    follows(events)
    found = {append_id: list(group) for append_id, group in groupby(events, lambda each: each.append_id)}
    written = {sent.id: outcome for sent, outcome in told if isinstance(outcome, Appended)}
    assert set(found) == {events[0].append_id, *written}
    for append_id, outcome in written.items():
        assert [each.n for each in found[append_id]] == [outcome.first, outcome.first + 1]
        assert outcome.count == 2
    assert len(events) == 1 + 2 * BOUND
    assert len(written) == BOUND
    assert all(isinstance(outcome, Appended | Exhausted) for _, outcome in told)
    shared = [each.version for each in events if each.aggregate == "t:shared"]
    assert shared == list(range(1, BOUND + 1))


async def test_one_seed_is_one_history() -> None:
    """A simulation on this log can be repeated."""
    (first, _), (again, _) = await storm(3), await storm(3)
    assert [(each.n, each.aggregate, each.time_ms) for each in first] == [
        (each.n, each.aggregate, each.time_ms) for each in again
    ]
