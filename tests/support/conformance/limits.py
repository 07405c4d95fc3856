"""Caps hold before anything is sent; what fits passes whole, alone and together."""

import asyncio

import pytest

from awe.commands.log import (
    BYTES_PER_CALL,
    BYTES_PER_EVENT,
    EVENTS_PER_CALL,
    Appended,
    EventLog,
    Limit,
    NewEvent,
    Unit,
    UnitTooLarge,
)
from support.conformance.suite import Suite
from support.conformance.units import appended, event, everything, follows, unit


def large(size: int) -> NewEvent:
    return event("t:large", body=b"x" * size)


TOO_LARGE = {
    "events": unit(*["t:a"] * (EVENTS_PER_CALL + 1)),
    "bytes-of-an-event": unit(large(BYTES_PER_EVENT + 1)),
    "bytes-of-a-call": unit(*[large(BYTES_PER_CALL // 4 + 1)] * 4),
}

UNWRITABLE = {
    "no-id": unit("t:a")._replace(id=""),
    "id-with-a-separator": unit("t:a")._replace(id="a;b"),
    "id-too-long": unit("t:a")._replace(id="a" * 65),
    "no-run": unit("t:a", run=""),
    "run-with-a-tab": unit("t:a", run="r\t1"),
    "no-aggregate": unit(""),
    "aggregate-with-a-newline": unit("t:a\n"),
    "aggregate-that-is-the-control-field": unit("!"),
    "aggregate-that-is-the-claims-field": unit("~x"),
    "control-without-an-event": unit(control="paused"),
    "claims-without-an-event": unit(claims=1),
    "counters-without-an-event": unit(counters=[Limit("usd", 1)]),
}


class Limits(Suite):
    @pytest.mark.parametrize("sent", TOO_LARGE.values(), ids=TOO_LARGE)
    async def test_i08_a_unit_above_a_cap_is_refused_unsent(self, log: EventLog, sent: Unit) -> None:
        """I8: 500 events and 1 MB a call, 256 KB an event."""
        with pytest.raises(UnitTooLarge):
            await log.append(sent)
        assert (await log.head()).n == 0

    async def test_i08_the_largest_units_are_taken_whole(self, log: EventLog) -> None:
        """I8: 500 events; an event of 256 KB; almost 1 MB."""
        appended(await log.append(unit(*["t:a"] * EVENTS_PER_CALL)))
        appended(await log.append(unit(large(BYTES_PER_EVENT))))
        appended(await log.append(unit(*[large(240_000)] * 4)))
        events = await everything(log)
        assert len(events) == EVENTS_PER_CALL + 5
        follows(events)
        assert [len(each.body) for each in events[-5:]] == [BYTES_PER_EVENT] + [240_000] * 4

    async def test_i08_units_that_exceed_a_call_together_go_in_several(self, log: EventLog) -> None:
        """I8: caps are per call, so concurrent appends never see them."""
        many = [unit(*[f"t:{index}"] * 10) for index in range(120)]
        heavy = [unit(event(f"t:h{index}", body=b"x" * 200_000)) for index in range(12)]
        told = await asyncio.gather(*(log.append(each) for each in many + heavy))
        assert all(isinstance(each, Appended) for each in told)
        events = await everything(log)
        assert len(events) == 1_212
        follows(events)

    @pytest.mark.parametrize("sent", UNWRITABLE.values(), ids=UNWRITABLE)
    async def test_i08_a_unit_that_no_log_can_hold_is_refused_unsent(self, log: EventLog, sent: Unit) -> None:
        """I8: names that would break an index, and effects without an event to derive them from."""
        with pytest.raises(ValueError, match=r"\S"):
            await log.append(sent)
        assert (await log.head()).n == 0
