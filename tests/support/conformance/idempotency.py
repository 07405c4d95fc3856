"""A unit that is sent again is answered with its first result, however old, and does nothing again."""

import asyncio

import pytest

from awe.commands.log import (
    Admission,
    Advance,
    Appended,
    Conflict,
    EventLog,
    Exhausted,
    Expect,
    Guard,
    Limit,
    Position,
    Reserve,
    Unit,
)
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import BEGIN, RUN, What, a, after, appended, event, everything, unit

SHAPES: dict[str, What] = {
    "no-expectation": {},
    "expects-what-it-writes": {"expects": [Expect("t:a", 0)]},
    "expects-only-another": {"expects": [Expect("t:other", 0)]},
    "expects-its-second": {"expects": [Expect("t:b", 0)]},
    "guard-only": {"guard": Guard(0)},
}

shapes = pytest.mark.parametrize("shape", SHAPES)


def same(first: Appended, again: object) -> None:
    """Check that a repeated unit's answer is the first one, said to be so."""
    repeated = a(Appended, again)
    assert repeated.repeated
    assert (repeated.first, repeated.count, repeated.time_ms) == (first.first, first.count, first.time_ms)


def shaped(shape: str) -> Unit:
    return unit("t:a", "t:b", "t:a", **SHAPES[shape])


class Idempotency(Suite):
    @shapes
    async def test_i08_a_repeated_unit_gets_its_first_result(self, log: EventLog, shape: str) -> None:
        """I8: a retry is answered with the first result, whatever the unit expects."""
        await log.append(unit("t:before"))
        sent = shaped(shape)
        first = appended(await log.append(sent))
        assert not first.repeated
        same(first, await log.append(sent))
        assert len(await everything(log)) == 4

    @shapes
    async def test_i08_a_retry_is_answered_after_later_appends(self, log: EventLog, shape: str) -> None:
        """I8: later appends to the same aggregates, and a restriction, do not hide the first result."""
        sent = shaped(shape)
        first = appended(await log.append(sent))
        await log.append(unit("t:a", "t:b", control="cancelled"))
        await log.append(unit("t:other", "t:a"))
        same(first, await log.append(sent))
        assert len(await everything(log)) == 7

    @shapes
    @needs(Ability.LOSE_REPLY)
    async def test_i08_a_lost_reply_is_not_a_conflict_with_oneself(
        self, harness: Harness, log: EventLog, shape: str
    ) -> None:
        """I8: the client repeats what was not answered, and hands out the first result."""
        await harness.lose_next_reply()
        sent = shaped(shape)
        told = appended(await log.append(sent))
        assert (told.first, told.count) == (1, 3)
        assert [each.append_id for each in await everything(log)] == [sent.id] * 3

    @needs(Ability.LOSE_REQUEST)
    async def test_i08_a_lost_request_is_sent_again(self, harness: Harness, log: EventLog) -> None:
        """I8: what never arrived is appended once in the end."""
        await harness.lose_next_request()
        assert appended(await log.append(unit("t:a", expects=[Expect("t:a", 0)]))).first == 1
        assert len(await everything(log)) == 1

    @needs(Ability.DUPLICATE)
    async def test_i08_a_request_that_arrives_twice_is_applied_once(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I8: a duplicate on the way changes nothing."""
        await harness.duplicate_next_request()
        appended(await log.append(unit("t:a", counters=[Limit("usd", 2), Reserve("usd", "op", 1)])))
        appended(await log.append(unit("t:b", counters=[Reserve("usd", "op2", 1)])))
        assert [each.aggregate for each in await everything(log)] == ["t:a", "t:b"]

    async def test_i08_two_clients_that_send_one_unit_get_one_result(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I8: the append id counts, not the connection."""
        second = await harness.second_log()
        sent = unit("t:a", "t:b", expects=[Expect("t:a", 0)])
        told = await asyncio.gather(*(each.append(sent) for each in (log, second, log, second)))
        assert {(appended(each).first, appended(each).count) for each in told} == {(1, 2)}
        assert [appended(each).repeated for each in told].count(False) == 1

    async def test_i08_i23_what_a_repeated_unit_did_is_not_done_again(self, log: EventLog) -> None:
        """I8, I23: counters and control move once."""
        await log.append(unit("run", counters=[Limit("usd", 10)]))
        sent = unit("t:a", counters=[Reserve("usd", "op", 6)], control="paused")
        await log.append(sent)
        appended(await log.append(sent))
        assert (await log.history(RUN)).control.version == 1
        assert await log.append(unit("t:b", counters=[Reserve("usd", "op2", 5)])) == Exhausted(
            "usd", 10, 0, 6
        )

    @needs(Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_i08_a_repeated_claim_counts_once(self, harness: Harness, log: EventLog) -> None:
        """I8: the index may be dropped when as many claims ended as began."""
        sent = unit("t:a", claims=1)
        await log.append(sent)
        await log.append(sent)
        await harness.archive_to(1)
        assert not await harness.drop_index(RUN)
        await log.append(unit("t:a", claims=-1))
        await harness.archive_to(2)
        assert await harness.drop_index(RUN)

    @needs(Ability.QUEUES)
    async def test_i08_a_repeated_unit_sends_no_second_message(self, harness: Harness, log: EventLog) -> None:
        """I8: one event is one message."""
        sent = unit(event("t:a", dispatch="work"))
        await log.append(sent)
        await log.append(sent)
        assert len(await harness.messages("work")) == 1

    async def test_i08_a_refused_unit_may_be_sent_again(self, log: EventLog) -> None:
        """I8: a refusal is not remembered; the same unit passes once nothing speaks against it."""
        first = unit("t:a")
        sent = unit("t:b", expects=[Expect("t:a", 1, first.id)])
        a(Conflict, await log.append(sent))
        await log.append(first)
        assert not appended(await log.append(sent)).repeated

    @needs(Ability.PRESSURE)
    async def test_i08_a_retry_is_answered_under_pressure(self, harness: Harness, log: EventLog) -> None:
        """I8: nothing is written again, so nothing is refused."""
        sent = unit("t:a", admission=Admission.CLAIM, expects=[Expect("t:a", 0)])
        first = appended(await log.append(sent))
        await harness.set_pressure(99)
        same(first, await log.append(sent))

    @needs(Ability.LOSE_REPLY)
    async def test_i08_an_advance_without_events_is_harmless_when_repeated(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I8: a position with its expected value needs no memory to be repeated."""
        epoch = appended(await log.append(unit("t:a"))).epoch
        await harness.lose_next_reply()
        moved = unit(advance=Advance("scheduler", Position(1, epoch), Position(0, 0)))
        appended(await log.append(moved))
        assert await log.reactor_position("scheduler") == Position(1, epoch)
        assert await log.head() == Position(1, epoch)

    @needs(Ability.LOSE_REPLY)
    async def test_i08_a_cancelled_caller_leaves_no_doubt(self, harness: Harness, log: EventLog) -> None:
        """I8: a unit that was sent is carried to its end when its caller is gone (or was answered just before)."""
        await harness.lose_next_reply()
        sent = unit("t:a", expects=[Expect("t:a", 0)])
        caller = asyncio.ensure_future(log.append(sent))
        second = await harness.second_log()
        async with asyncio.timeout(10):
            async for _ in second.follow(BEGIN):
                break
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        appended(await log.append(unit("t:b")))
        assert [each.append_id for each in await everything(log)].count(sent.id) == 1

    @needs(Ability.RESTART)
    async def test_i02_i08_a_retry_is_answered_over_a_restart(self, harness: Harness, log: EventLog) -> None:
        """I8: a new epoch does not forget what was appended in an older one."""
        sent = unit("t:a", "t:b", expects=[Expect("t:a", 0)])
        first = appended(await log.append(sent))
        await harness.restart()
        same(first, await log.append(sent))

    @needs(Ability.ARCHIVE, Ability.TRIM)
    async def test_i08_a_retry_after_trimming_tells_the_first_result(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I8: position, count and time of a first result outlive the hot entry."""
        sent = unit("t:a", "t:b")
        first = appended(await log.append(sent))
        await log.append(unit("t:c"))
        await harness.archive_to(3)
        await harness.trim_to(2)
        same(first, await log.append(sent))

    @shapes
    @needs(Ability.ARCHIVE, Ability.TRIM, Ability.DROP_INDEX)
    async def test_i04_i08_a_retry_after_the_index_was_dropped_tells_the_first_result(
        self, harness: Harness, log: EventLog, shape: str
    ) -> None:
        """I4, I8: the restored index holds the append ids of the run's whole past."""
        sent = shaped(shape)
        first = appended(await log.append(sent))
        await log.append(unit("t:a", "t:b"))
        await log.append(unit("t:x", run="r-00-other"))
        await harness.archive_to(6)
        await harness.trim_to(5)
        assert await harness.drop_index(RUN)
        same(first, await log.append(sent))
        assert len(await everything(log)) == 6

    async def test_i08_an_expectation_of_the_repeated_write_holds(self, log: EventLog) -> None:
        """I8: what follows a repeated unit builds on it as on a first one."""
        sent = unit("t:a")
        await log.append(sent)
        again = await log.append(sent)
        appended(await log.append(unit("t:a", expects=[after("t:a", again, sent)])))

    async def test_i08_a_unit_of_another_id_is_another_unit(self, log: EventLog) -> None:
        """I8: equal content under a new id is appended."""
        sent = unit("t:a")
        await log.append(sent)
        assert appended(await log.append(sent._replace(id="another"))).first == 2
