"""Trimming and dropping are invisible, except that a run of which nothing is known is asked for once more."""

import asyncio

from awe.commands.log import (
    NEW_RUN,
    Conflict,
    EventLog,
    Exhausted,
    Expect,
    Guard,
    Guarded,
    Limit,
    Page,
    Reserve,
)
from support.conformance.harness import Ability, Harness
from support.conformance.reading import taken
from support.conformance.suite import Suite, needs
from support.conformance.units import (
    BEGIN,
    OTHER_RUN,
    RUN,
    a,
    after,
    appended,
    everything,
    fill,
    follows,
    unit,
)


async def drop(harness: Harness, log: EventLog, run: str = RUN) -> None:
    """Archive all and drop the index of a run."""
    await harness.archive_to((await log.head()).n)
    assert await harness.drop_index(run)


class Tiers(Suite):
    @needs(Ability.ARCHIVE, Ability.TRIM)
    async def test_i07_reading_spans_both_tiers(self, harness: Harness, log: EventLog) -> None:
        """I7: an answer below the head means the archive, never the end."""
        await fill(log, 20)
        before = await everything(log)
        await harness.archive_to(15)
        await harness.trim_to(10)
        for size in (1, 3, 10, 11, 500):
            assert await everything(log, size) == before
        assert list((await log.history(RUN)).events) == before

    @needs(Ability.ARCHIVE, Ability.TRIM)
    async def test_i07_the_last_entry_is_never_trimmed(self, harness: Harness, log: EventLog) -> None:
        """I7: the log knows its head, its time and what comes next when all is archived."""
        told = await fill(log, 5)
        await harness.archive_to(5)
        await harness.trim_to(5)
        assert await log.head() == told[4].position
        assert a(Page, await log.read(told[4].position)).events == []
        after_all = appended(await log.append(unit("t:a")))
        assert (after_all.first, after_all.time_ms >= told[4].time_ms) == (6, True)
        follows(await everything(log))

    @needs(Ability.ARCHIVE, Ability.TRIM)
    async def test_i07_nothing_is_trimmed_that_is_not_archived(self, harness: Harness, log: EventLog) -> None:
        """I7: whatever the trimmer was asked for."""
        await fill(log, 6)
        await harness.trim_to(6)
        follows(await everything(log))
        await harness.archive_to(2)
        await harness.trim_to(6)
        events = await everything(log)
        assert len(events) == 6
        follows(events)

    @needs(Ability.ARCHIVE, Ability.TRIM)
    async def test_i07_a_slow_reader_meets_no_gap_under_trimming(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I7: it goes on in the archive and blocks nothing."""
        await fill(log, 30)
        pages = log.follow(BEGIN, 4)
        seen = await taken(pages, 4)
        for round_of in range(5):
            await fill(log, 5, run=f"r-00-{round_of}")
            head = (await log.head()).n
            await harness.archive_to(head)
            await harness.trim_to(head)
            seen += await taken(pages, 4)
        async with asyncio.timeout(20):
            seen += await taken(pages, 55 - len(seen))
        assert len(seen) == 55
        follows(seen)

    @needs(Ability.ARCHIVE, Ability.TRIM, Ability.RESTART)
    async def test_i07_i16_a_position_in_the_archive_survives_a_restart(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I16: lineage is the same in both tiers."""
        told = await fill(log, 6)
        await harness.archive_to(6)
        await harness.trim_to(5)
        await harness.restart()
        page = a(Page, await log.read(told[0].position))
        assert page.events
        assert page.position.epoch == (await log.head()).epoch
        follows(await everything(log))

    @needs(Ability.ARCHIVE, Ability.TRIM)
    async def test_i08_expectations_guards_and_counters_outlive_trimming(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I8: they are answered from the index, not from entries."""
        sent = unit("t:a", control="paused", counters=[Limit("usd", 3), Reserve("usd", "op", 2)])
        expected = after("t:a", await log.append(sent), sent)
        await fill(log, 1)
        await harness.archive_to(2)
        await harness.trim_to(2)
        told = await log.append(unit("t:b", counters=[Reserve("usd", "op2", 2)]))
        assert told == Exhausted("usd", 3, 0, 2)
        assert await log.append(unit("t:b", guard=Guard(0))) == Guarded(1, sent.id, "paused")
        appended(await log.append(unit("t:a", expects=[expected])))

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_cold_is_not_new(self, harness: Harness, log: EventLog) -> None:
        """I4: a dropped run's aggregates keep their versions, its control, its counters."""
        sent = unit("t:a", "t:a", control="paused", counters=[Limit("usd", 3), Reserve("usd", "op", 2)])
        expected = after("t:a", await log.append(sent), sent)
        await drop(harness, log)
        assert await log.append(unit("t:a", expects=[Expect("t:a", 0)])) == Conflict("t:a", 2, sent.id)
        await drop(harness, log)
        assert await log.append(unit("t:b", guard=Guard(0))) == Guarded(1, sent.id, "paused")
        await drop(harness, log)
        told = await log.append(unit("t:b", counters=[Reserve("usd", "op2", 2)]))
        assert told == Exhausted("usd", 3, 0, 2)
        await drop(harness, log)
        assert (await log.history(RUN)).control.version == 1
        assert appended(await log.append(unit("t:a", expects=[expected]))).first == 3
        assert [each.version for each in await everything(log)] == [1, 2, 3]

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_a_report_without_expectation_continues_a_cold_run(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I4: versions go on where the archive left them."""
        await log.append(unit("t:a", "t:a"))
        await drop(harness, log)
        await log.append(unit("t:a"))
        assert [each.version for each in (await log.history(RUN)).events] == [1, 2, 3]

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_a_run_id_just_made_is_new(self, harness: Harness, log: EventLog) -> None:
        """I4: it needs no look into the archive, however many indexes were dropped."""
        await fill(log, 3)
        await drop(harness, log)
        fresh = unit("run", run="r-00-fresh", absent_at=NEW_RUN, expects=[Expect("run", 0)], guard=Guard(0))
        assert appended(await log.append(fresh)).first == 4

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_a_run_that_the_archive_does_not_know_is_new(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I4: one that was looked for up to some position is looked for again after a later drop."""
        await fill(log, 3)
        await drop(harness, log)
        for absent_at, run in ((0, "r-00-b"), (1, "r-00-c"), (3, "r-00-d")):
            sent = unit("run", run=run, absent_at=absent_at, expects=[Expect("run", 0)])
            appended(await log.append(sent))
        follows(await everything(log))

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_an_absence_seen_before_a_drop_is_void(self, harness: Harness, log: EventLog) -> None:
        """I4: the run was created and dropped since; the caller's look into the archive is too old."""
        await fill(log, 2, run=OTHER_RUN)
        await harness.archive_to(2)
        created = unit("run")
        await log.append(created)
        await drop(harness, log)
        late = unit("run", absent_at=2, expects=[Expect("run", 0)])
        assert await log.append(late) == Conflict("run", 1, created.id)

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_a_run_with_an_open_claim_keeps_its_index(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I4, I7: whoever works must not wait for the archive to report."""
        claimed = unit("t:a", "t:b", claims=2)
        await log.append(claimed)
        await harness.archive_to(2)
        assert not await harness.drop_index(RUN)
        await log.append(unit("t:a", claims=-1))
        await harness.archive_to(3)
        assert not await harness.drop_index(RUN)
        await log.append(unit("t:b", claims=-1))
        await harness.archive_to(4)
        assert await harness.drop_index(RUN)

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_a_run_that_is_not_archived_whole_keeps_its_index(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I4: the archive alone could not bring it back."""
        await fill(log, 3)
        assert not await harness.drop_index(RUN)
        await harness.archive_to(2)
        assert not await harness.drop_index(RUN)
        await harness.archive_to(3)
        assert await harness.drop_index(RUN)

    @needs(Ability.ARCHIVE, Ability.TRIM, Ability.DROP_INDEX)
    async def test_i04_i07_a_cold_run_has_its_whole_history(self, harness: Harness, log: EventLog) -> None:
        """I4: reading needs no index."""
        await log.append(unit("run", "t:a", control="paused"))
        await fill(log, 3, run=OTHER_RUN)
        before = await log.history(RUN)
        await drop(harness, log)
        await harness.trim_to(5)
        assert list((await log.history(RUN)).events) == list(before.events)
        assert (await log.history(RUN)).control == before.control
        assert list((await log.history(RUN, "t:a")).events) == list(before.events)[1:]

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_many_that_warm_one_run_at_once_agree(self, harness: Harness, log: EventLog) -> None:
        """I4: the index is restored by compare-and-set; one write of a version wins."""
        first = unit("t:a")
        expected = after("t:a", await log.append(first), first)
        await drop(harness, log)
        second = await harness.second_log()
        told = await asyncio.gather(
            *(each.append(unit("t:a", expects=[expected])) for each in [log, second] * 10)
        )
        assert [isinstance(each, Conflict) for each in told].count(False) == 1
        assert [each.version for each in await everything(log)] == [1, 2]

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX, Ability.LOSE_TAIL)
    async def test_i04_a_loss_does_not_make_a_cold_run_new(self, harness: Harness, log: EventLog) -> None:
        """I4: also after healing."""
        sent = unit("t:a", "t:a")
        await log.append(sent)
        await drop(harness, log)
        await fill(log, 2, run=OTHER_RUN)
        await harness.lose_tail(2)
        assert await log.append(unit("t:a", expects=[Expect("t:a", 0)])) == Conflict("t:a", 2, sent.id)
