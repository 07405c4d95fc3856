"""Pages follow one another without gap or duplicate, and following is reading that waits."""

import asyncio
from collections.abc import AsyncIterator

from awe.commands.log import Control, EventLog, Page, Position, RecordedEvent, Rewound
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import BEGIN, OTHER_RUN, RUN, a, appended, everything, fill, follows, unit


async def taken(pages: AsyncIterator[Page | Rewound], count: int) -> list[RecordedEvent]:
    """Return that many events, or a few more, from an iterator that yields them soon."""
    events: list[RecordedEvent] = []
    async with asyncio.timeout(20):
        async for found in pages:
            page = a(Page, found)
            assert page.events, "an empty page"
            events += page.events
            if len(events) >= count:
                return events
    raise AssertionError("the log ended")


async def stopping(log: EventLog) -> float:
    """Return how many seconds a follower at the head takes to be cancelled."""
    caught_up = asyncio.Event()

    async def follow() -> None:
        async for _ in log.follow(BEGIN):
            caught_up.set()

    reader = asyncio.create_task(follow())
    async with asyncio.timeout(10):
        await caught_up.wait()
        await log.head()  # the follower blocks by now
    began = asyncio.get_running_loop().time()
    reader.cancel()
    await asyncio.wait({reader}, timeout=10)
    assert reader.cancelled(), "the follower goes on: its cancellation was swallowed"
    return asyncio.get_running_loop().time() - began


class Reading(Suite):
    async def test_an_empty_log_has_an_empty_page_and_stands_at_zero(self, log: EventLog) -> None:
        """The head of a new partition is position 0 of its epoch."""
        head = await log.head()
        assert head.n == 0
        page = a(Page, await log.read(BEGIN))
        assert (list(page.events), page.position) == ([], head)

    async def test_i07_pages_chain_without_gap_or_duplicate(self, log: EventLog) -> None:
        """I7: each page's position is where the next one begins, for any size of page."""
        await fill(log, 10)
        await log.append(unit(*["t:a"] * 7))
        for size in (1, 3, 17, 500):
            follows(await everything(log, size))
        page = a(Page, await log.read(BEGIN, 4))
        assert [each.n for each in page.events] == [1, 2, 3, 4]
        assert page.position == Position(4, (await log.head()).epoch)

    async def test_a_page_may_begin_anywhere(self, log: EventLog) -> None:
        """Also inside a unit."""
        told = appended(await log.append(unit(*["t:a"] * 6)))
        page = a(Page, await log.read(Position(4, told.epoch)))
        assert [each.n for each in page.events] == [5, 6]
        assert page.position == told.position == await log.head()

    async def test_a_page_at_the_head_is_empty(self, log: EventLog) -> None:
        """Its position is the one asked for."""
        *_, last = await fill(log, 3)
        page = a(Page, await log.read(last.position))
        assert (list(page.events), page.position) == ([], last.position)

    async def test_a_history_holds_one_run_whole(self, log: EventLog) -> None:
        """In log order, complete up to its position."""
        for _ in range(3):
            await log.append(unit("t:a", "run"))
            await log.append(unit("t:a", run=OTHER_RUN))
        history = await log.history(RUN)
        assert [each.n for each in history.events] == [1, 2, 4, 5, 7, 8]
        assert {each.run for each in history.events} == {RUN}
        assert history.position == await log.head()

    async def test_a_history_may_be_of_one_aggregate(self, log: EventLog) -> None:
        """With the run's control state, as the whole one."""
        paused = unit("t:a", "run", control="paused")
        await log.append(paused)
        await log.append(unit("t:b", "t:a", "t:a"))
        await log.append(unit("t:a", run=OTHER_RUN))
        history = await log.history(RUN, "t:a")
        assert [(each.n, each.version) for each in history.events] == [(1, 1), (4, 2), (5, 3)]
        assert history.control == Control(1, paused.id, "paused")
        assert history.position == await log.head()
        assert list((await log.history(RUN, "t:nobody")).events) == []

    async def test_a_run_without_events_has_an_empty_history(self, log: EventLog) -> None:
        """Nothing, up to the head."""
        await fill(log, 2)
        history = await log.history("r-00-nobody")
        assert (list(history.events), history.position) == ([], await log.head())

    async def test_following_yields_what_is_there_and_what_comes(
        self, harness: Harness, log: EventLog
    ) -> None:
        """From its position on, by whichever client it is appended, and never an empty page."""
        *_, third = await fill(log, 3)
        pages = log.follow(Position(1, third.epoch))
        follows(await taken(pages, 2), 2)
        second = await harness.second_log()
        waiting = asyncio.create_task(taken(pages, 4))
        for _ in range(4):
            await second.append(unit("t:late"))
        follows(await waiting, 4)

    async def test_following_keeps_to_its_page_size(self, log: EventLog) -> None:
        """A page never holds more than the limit."""
        await log.append(unit(*["t:a"] * 25))
        sizes: list[int] = []
        async for found in log.follow(BEGIN, 10):
            sizes.append(len(a(Page, found).events))
            if sum(sizes) == 25:
                break
        assert max(sizes) <= 10

    async def test_followers_do_not_disturb_one_another(self, log: EventLog) -> None:
        """Each sees everything."""
        readers = [asyncio.create_task(taken(log.follow(BEGIN, size), 30)) for size in (1, 7, 500)]
        for _ in range(10):
            await log.append(unit("t:a", "t:b", "t:c"))
        for events in await asyncio.gather(*readers):
            follows(events[:30])

    async def test_a_blocked_follower_stops_at_once(self, log: EventLog) -> None:
        """Cancelling it does not wait for a block to time out (best of three), and the log goes on."""
        await fill(log, 1)
        assert min([await stopping(log) for _ in range(3)]) < 0.5
        await fill(log, 1)
        follows(await everything(log))

    @needs(Ability.CLOSE)
    async def test_i02_a_follower_lives_through_a_closed_partition(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I2: it waits for the healer and goes on without gap or duplicate."""
        await fill(log, 3)
        pages = log.follow(BEGIN)
        follows(await taken(pages, 3))
        await harness.close()
        waiting = asyncio.create_task(taken(pages, 2))
        await asyncio.sleep(0)
        await harness.heal()
        await log.append(unit("t:a", "t:b"))
        follows(await waiting, 4)
