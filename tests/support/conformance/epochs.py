"""Every start of the server opens a new epoch, so that nothing decided from a lost past passes for current."""

import asyncio

import pytest

from awe.commands.log import (
    Advance,
    Conflict,
    EventLog,
    Exhausted,
    Expect,
    Guard,
    Guarded,
    Limit,
    LogCorrupt,
    Misplaced,
    Page,
    Position,
    Reserve,
    Rewound,
)
from support.conformance.harness import Ability, Harness
from support.conformance.reading import taken
from support.conformance.suite import Suite, needs
from support.conformance.units import BEGIN, RUN, a, after, appended, event, everything, fill, follows, unit


class Epochs(Suite):
    @needs(Ability.RESTART)
    async def test_i02_a_restart_without_a_loss_opens_a_new_epoch(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I2: whether or not anything had to be restored; all that was known stays known."""
        sent = unit("t:a", control="paused", counters=[Limit("usd", 5), Reserve("usd", "op", 5)])
        told = await log.append(sent)
        before = await log.head()
        await harness.restart()
        now = await log.head()
        assert (now.n, now.epoch > before.epoch) == (1, True)
        assert appended(await log.append(unit("t:a", expects=[after("t:a", told, sent)]))).epoch == now.epoch
        assert await log.append(unit("t:b", guard=Guard(0))) == Guarded(1, sent.id, "paused")
        refused = await log.append(unit("t:b", counters=[Reserve("usd", "op2", 1)]))
        assert refused == Exhausted("usd", 5, 0, 5)

    @needs(Ability.RESTART)
    async def test_i16_a_position_survives_a_restart_without_a_loss(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I16: it is read from on, and the page's position is of the new epoch."""
        told = await fill(log, 3)
        await harness.restart()
        page = a(Page, await log.read(told[0].position))
        assert [each.n for each in page.events] == [2, 3]
        assert page.position == await log.head()
        assert a(Page, await log.read(told[2].position)).position == await log.head()

    @needs(Ability.CLOSE)
    async def test_i02_a_closed_partition_takes_nothing_until_it_is_healed(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I2: clients wait; what they sent is appended in the new epoch, once."""
        (before,) = await fill(log, 1)
        await harness.close()
        waiting = [asyncio.ensure_future(log.append(unit(f"t:{index}"))) for index in range(3)]
        done, _ = await asyncio.wait(waiting, timeout=0.2)
        assert not done
        await harness.heal()
        told = [appended(each) for each in await asyncio.gather(*waiting)]
        assert all(each.epoch > before.epoch for each in told)
        assert sorted(each.first for each in told) == [2, 3, 4]
        follows(await everything(log))

    @needs(Ability.HALT)
    async def test_i01_a_halted_partition_refuses_and_says_so(self, harness: Harness, log: EventLog) -> None:
        """I1: it waits for a person, not for time."""
        await harness.halt()
        with pytest.raises(LogCorrupt):
            await log.append(unit("t:a"))

    @needs(Ability.LOSE_TAIL)
    async def test_i16_a_lost_position_is_rewound_to_the_last_common_one(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I16: never answered by silence, before and after its number was given out again."""
        told = await fill(log, 6)
        await harness.lose_tail(2)
        common = Rewound(Position(4, (await log.head()).epoch))
        assert await log.read(told[5].position) == common
        assert await log.read(told[4].position) == common
        await fill(log, 5, run="r-00-new")
        assert await log.read(told[5].position) == common
        page = a(Page, await log.read(told[3].position))
        assert [each.n for each in page.events] == [5, 6, 7, 8, 9]
        assert {each.run for each in page.events} == {"r-00-new"}

    @needs(Ability.LOSE_TAIL)
    async def test_i16_lineage_spans_several_losses(self, harness: Harness, log: EventLog) -> None:
        """I16: the common position of an old epoch is the lowest that any later one began above."""
        first = await fill(log, 6)
        await harness.lose_tail(2)
        second = await fill(log, 4, run="r-00-b")
        await harness.lose_tail(6)
        third = await fill(log, 4, run="r-00-c")
        epoch = (await log.head()).epoch
        assert await log.read(first[5].position) == Rewound(Position(2, epoch))
        assert await log.read(second[0].position) == Rewound(Position(2, epoch))
        assert a(Page, await log.read(first[1].position)).position.n == 6
        assert a(Page, await log.read(third[0].position)).position.n == 6

    @needs(Ability.LOSE_TAIL)
    async def test_i16_a_follower_is_told_of_a_loss_and_goes_on(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I16: after ``Rewound`` it yields today's events from the common position on."""
        await fill(log, 5)
        pages = log.follow(BEGIN)
        follows(await taken(pages, 5))
        waiting = asyncio.ensure_future(anext(pages))
        await harness.lose_tail(2)
        fresh = unit("t:new", "t:new", "t:new")
        await log.append(fresh)
        async with asyncio.timeout(20):
            assert a(Rewound, await waiting).common.n == 3
        events = await taken(pages, 3)
        follows(events, 4)
        assert {each.append_id for each in events} == {fresh.id}

    @needs(Ability.LOSE_TAIL)
    async def test_i02_a_decision_from_a_lost_past_passes_on_no_reused_version(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I2: version and control version are reached again, by other appends."""
        await fill(log, 1)
        lost = unit("t:a", control="lost")
        expected = after("t:a", await log.append(lost), lost)
        await harness.lose_tail(1)
        again = unit("t:a", control="again")
        await log.append(again)
        assert await log.append(unit("t:a", expects=[expected])) == Conflict("t:a", 1, again.id)
        guarded = await log.append(unit("t:a", guard=Guard(1, lost.id)))
        assert guarded == Guarded(1, again.id, "again")

    @needs(Ability.LOSE_TAIL)
    async def test_i02_a_lost_unit_may_be_appended_again(self, harness: Harness, log: EventLog) -> None:
        """I2: the log answers from what it holds; a repeated unit that was lost is new."""
        await fill(log, 2)
        lost = unit("t:a", "t:a", expects=[Expect("t:a", 0)])
        before = appended(await log.append(lost))
        await harness.lose_tail(2)
        told = appended(await log.append(lost))
        assert (told.repeated, told.first, told.epoch > before.epoch) == (False, 3, True)
        assert len(await everything(log)) == 4

    @needs(Ability.LOSE_TAIL)
    async def test_i02_a_reactor_that_folded_lost_events_is_refused(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I2: its position is of an epoch that ended; it stands where the surviving log says."""
        first, _, third = await fill(log, 3)
        await log.append(unit("t:r", advance=Advance("scheduler", first.position, BEGIN)))
        await log.append(unit("t:r", advance=Advance("scheduler", third.position, first.position)))
        await harness.lose_tail(1)
        assert await log.reactor_position("scheduler") == first.position
        late = Advance("scheduler", Position(5, third.epoch), third.position)
        told = a(Misplaced, await log.append(unit("t:late", advance=late)))
        assert (told.position, told.epoch) == (first.position, (await log.head()).epoch)

    @needs(Ability.LOSE_TAIL)
    async def test_i02_no_unit_is_torn_by_a_loss(self, harness: Harness, log: EventLog) -> None:
        """I1, I2: a unit that loses its last event loses all, with what it did besides."""
        await log.append(unit("run", counters=[Limit("usd", 10)]))
        await log.append(unit("t:a", "t:b", "t:c", counters=[Reserve("usd", "op", 9)], control="paused"))
        await harness.lose_tail(1)
        assert [each.aggregate for each in await everything(log)] == ["run"]
        assert (await log.history(RUN)).control.version == 0
        appended(
            await log.append(unit("t:a", expects=[Expect("t:a", 0)], counters=[Reserve("usd", "x", 10)]))
        )

    @needs(Ability.LOSE_TAIL, Ability.ARCHIVE)
    async def test_i02_i03_archived_positions_are_never_given_out_again(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I2, I3: what the archive holds is restored, and the log goes on above it."""
        told = await fill(log, 6)
        await harness.archive_to(4)
        await harness.lose_tail(5)
        assert (await log.head()).n == 4
        assert a(Page, await log.read(told[3].position)).events == []
        assert a(Rewound, await log.read(told[4].position)).common.n == 4
        appended(await log.append(unit("t:new")))
        assert [each.aggregate for each in (await everything(log))[3:]] == [f"t:{RUN}-3", "t:new"]

    @needs(Ability.LOSE_TAIL, Ability.ARCHIVE)
    async def test_i02_i06_a_loss_under_a_unit_archived_in_part_does_not_tear_it(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I6: whatever the archiver was asked for, a unit survives whole or not at all."""
        await fill(log, 1)
        sent = unit("t:a", "t:b", "t:c", "t:d")
        await log.append(sent)
        await harness.archive_to(3)
        await harness.lose_tail(2)
        written = [each for each in await everything(log) if each.append_id == sent.id]
        assert len(written) in {0, 4}
        assert appended(await log.append(sent)).first == 2

    @needs(Ability.LOSE_TAIL, Ability.QUEUES)
    async def test_i05_messages_of_lost_events_are_gone_and_others_are_not(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I5: a queue holds what the surviving log dispatched and did not acknowledge."""
        for index in range(4):
            await log.append(unit(event(f"t:{index}", dispatch="work")))
        await harness.lose_tail(2)
        assert [each.aggregate for each in await harness.messages("work")] == ["t:0", "t:1"]
