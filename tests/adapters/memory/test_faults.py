"""Whatever happens on the wire, a unit is in the log once, and its caller learns its first result."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

import pytest

from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.wire import DUPLICATE, GOOD, LOST_REPLY, LOST_REQUEST, Fate
from awe.commands.log import NEW_RUN, Appended, Expect, LogCorrupt, LogUnavailable, Outcome, Pressure, Unit
from support.conformance.units import BEGIN, RUN, appended, everything, unit
from support.virtual_clock import VirtualClock

PARTITION = "test.one"
TIMEOUT_S = 1.0


class Script:
    """The fates of one operation's requests, one after another; then all is well."""

    def __init__(self, operation: str, *fates: Fate) -> None:
        self._operation = operation
        self._fates = deque(fates)

    def fate(self, operation: str) -> Fate:
        return self._fates.popleft() if operation == self._operation and self._fates else GOOD


class Site:
    """A server in virtual time, and its clients."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.server = MemoryServer(self.clock)
        self.orphans: list[tuple[Unit, Outcome]] = []
        self.logs: list[MemoryEventLog] = []

    def log(self, operation: str = "append", *fates: Fate) -> MemoryEventLog:
        log = MemoryEventLog(
            self.server,
            PARTITION,
            faults=Script(operation, *fates),
            orphaned=lambda sent, outcome: self.orphans.append((sent, outcome)),
            reply_timeout_s=TIMEOUT_S,
        )
        self.logs.append(log)
        return log


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    yield site
    for log in site.logs:
        await log.aclose()


SCHEDULES: dict[str, Sequence[Fate]] = {
    "lost request": [LOST_REQUEST],
    "lost reply": [LOST_REPLY],
    "twice at once": [DUPLICATE],
    "again long after its answer": [Fate(arrivals=(0.0, 30.0))],
    "late, after its own repetition": [Fate(arrivals=(TIMEOUT_S * 5,))],
    "reply after the timeout": [Fate(reply=TIMEOUT_S * 5)],
    "everything in turn": [LOST_REQUEST, Fate(arrivals=(3.0, 9.0), reply=4.0), LOST_REPLY, DUPLICATE],
}


@pytest.mark.parametrize("fates", SCHEDULES.values(), ids=SCHEDULES)
async def test_i08_a_unit_is_appended_once_under_every_schedule(site: Site, fates: Sequence[Fate]) -> None:
    log = site.log("append", *fates)
    sent = unit("t:a", "t:b", expects=[Expect("t:a", 0)], claims=1)
    assert appended(await site.clock.until(log.append(sent))).first == 1
    await site.clock.until(site.clock.sleep(60))
    assert [each.append_id for each in await everything(log)] == [sent.id] * 2
    assert site.server.partition(PARTITION).derived.runs[RUN].claims == 1


@pytest.mark.parametrize("fate", [LOST_REQUEST, LOST_REPLY, Fate(reply=3.0)])
@pytest.mark.parametrize("operation", ["read_archived_index", "restore_index"])
async def test_i04_warming_a_run_is_repeated_until_it_is_answered(
    site: Site, operation: str, fate: Fate
) -> None:
    log = site.log(operation, fate)
    await log.append(unit("t:a"))
    site.server.archive(PARTITION, 1)
    assert site.server.drop_index(PARTITION, RUN)
    told = appended(await site.clock.until(log.append(unit("t:a"))))
    assert (told.first, (await everything(log))[1].version) == (2, 2)


async def test_i04_i08_a_first_result_is_found_though_the_run_was_dropped_before_the_retry(
    site: Site,
) -> None:
    """A retry does not take its run for new, even if its caller had just made the id."""
    log = site.log("append", LOST_REPLY)
    sent = unit("run", absent_at=NEW_RUN, expects=[Expect("run", 0)])
    waiting = asyncio.create_task(log.append(sent))
    await site.server.bell(PARTITION).past(0)
    await site.log().append(unit("t:x", run="r-00-other"))
    site.server.archive(PARTITION, 2)
    site.server.trim(PARTITION, 1)
    assert site.server.drop_index(PARTITION, RUN)
    told = appended(await site.clock.until(waiting))
    assert (told.first, told.count, told.repeated) == (1, 1, True)


async def test_i08_a_server_that_was_paused_applies_what_waited_once(site: Site) -> None:
    log = site.log()
    site.server.pause()
    waiting = asyncio.create_task(log.append(unit("t:a", expects=[Expect("t:a", 0)])))
    await site.clock.until(site.clock.sleep(10 * TIMEOUT_S))
    assert not waiting.done()
    site.server.resume()
    assert appended(await site.clock.until(waiting)).first == 1
    await site.clock.until(site.clock.sleep(10 * TIMEOUT_S))
    assert len(await everything(log)) == 1


@pytest.mark.parametrize("fate", [LOST_REQUEST, LOST_REPLY, Fate(reply=3.0), DUPLICATE])
@pytest.mark.parametrize("operation", ["read", "read_archive", "history", "head", "reactor_position"])
async def test_i07_reading_is_repeated_until_it_is_answered(site: Site, operation: str, fate: Fate) -> None:
    log = site.log(operation, fate)
    for _ in range(3):
        await log.append(unit("t:a"))
    site.server.archive(PARTITION, 3)
    site.server.trim(PARTITION, 2)
    assert len(await site.clock.until(everything(log, 2))) == 3
    assert len((await site.clock.until(log.history(RUN))).events) == 3
    assert (await site.clock.until(log.head())).n == 3
    assert (await site.clock.until(log.reactor_position("scheduler"))).n == 0


async def test_i08_a_cancelled_caller_s_outcome_is_handed_back(site: Site) -> None:
    """A claim that nobody wants can be given back, since somebody hears of it."""
    log = site.log("append", LOST_REPLY)
    sent = unit("t:a", claims=1)
    caller = asyncio.create_task(log.append(sent))
    await site.server.bell(PARTITION).past(0)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    await site.clock.until(site.clock.sleep(10 * TIMEOUT_S))
    ((orphan, outcome),) = site.orphans
    assert orphan == sent
    assert appended(outcome).first == 1


async def test_i08_closing_a_log_leaves_no_caller_waiting(site: Site) -> None:
    log = site.log("append", LOST_REQUEST)
    waiting = asyncio.create_task(log.append(unit("t:a")))
    await asyncio.sleep(0)
    await log.aclose()
    with pytest.raises(LogUnavailable, match="outcome is unknown"):
        await waiting


async def test_i01_a_halted_partition_wakes_who_waits_and_shows_nothing(site: Site) -> None:
    log = site.log()
    await log.append(unit("t:a"))
    pages = log.follow(BEGIN)
    await anext(pages)
    waiting = asyncio.ensure_future(anext(pages))
    await asyncio.sleep(0)
    site.server.halt(PARTITION)
    with pytest.raises(LogCorrupt, match="halted"):
        await waiting
    with pytest.raises(LogCorrupt, match="halted"):
        await log.head()


async def test_i01_an_append_that_was_on_its_way_hears_of_a_halt(site: Site) -> None:
    log = site.log("append", Fate(arrivals=(0.5,)))
    waiting = asyncio.create_task(log.append(unit("t:a")))
    await asyncio.sleep(0)
    site.server.halt(PARTITION)
    with pytest.raises(LogCorrupt, match="halted"):
        await site.clock.until(waiting)


async def test_i07_a_server_without_a_byte_left_takes_nothing_and_forgets_nothing(site: Site) -> None:
    log = site.log()
    sent = unit("t:a")
    first = await log.append(sent)
    site.server.partition(PARTITION).full = True
    assert await log.append(unit("t:b")) == Pressure(100)
    assert appended(await log.append(sent)).first == appended(first).first
    site.server.partition(PARTITION).full = False
    assert isinstance(await log.append(unit("t:b")), Appended)
