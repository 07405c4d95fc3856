"""An append is all or nothing, and what it wrote reads back."""

from typing import Any

from awe.commands.log import (
    Admission,
    Advance,
    Conflict,
    Control,
    EventLog,
    Exhausted,
    Expect,
    Guard,
    Guarded,
    Limit,
    Misplaced,
    NewEvent,
    Position,
    Pressure,
    RecordedEvent,
    Reserve,
)
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import RUN, a, ack, after, appended, event, everything, follows, unit


class Appending(Suite):
    async def test_positions_are_contiguous_from_one(self, log: EventLog) -> None:
        """Positions inside a partition are contiguous from 1."""
        firsts = [appended(await log.append(unit("t:a"))).first for _ in range(5)]
        assert firsts == [1, 2, 3, 4, 5]
        follows(await everything(log))

    async def test_an_event_reads_back_as_written(self, log: EventLog) -> None:
        """Every field of an event and each byte of its body come back."""
        body = bytes(range(256))
        sent = unit(NewEvent("t:collect[3]", "awe.task.claimed/12", body), run="r-07-xyz")
        told = appended(await log.append(sent))
        assert await everything(log) == [
            RecordedEvent(
                1, "r-07-xyz", "t:collect[3]", 1, "awe.task.claimed/12", sent.id, 0, told.time_ms, body
            )
        ]

    async def test_a_unit_stands_together_in_its_order(self, log: EventLog) -> None:
        """A unit's events are contiguous; versions count by aggregate, places by unit."""
        await log.append(unit("t:b"))
        sent = unit("t:a", "t:b", "t:a", "run")
        told = appended(await log.append(sent))
        assert (told.first, told.count) == (2, 4)
        assert told.position == Position(5, told.epoch)
        written = (await everything(log))[1:]
        assert [(each.aggregate, each.version, each.place) for each in written] == [
            ("t:a", 1, 0),
            ("t:b", 2, 1),
            ("t:a", 2, 2),
            ("run", 1, 3),
        ]
        assert [each.id for each in written] == [f"{sent.id}.{place}" for place in range(4)]

    async def test_an_expectation_that_holds_passes(self, log: EventLog) -> None:
        """Version and append id of the last write are what an expectation names."""
        first = unit("t:a", "t:a", expects=[Expect("t:a", 0)])
        told = await log.append(first)
        second = unit("t:a", expects=[after("t:a", told, first)])
        assert appended(await log.append(second)).first == 3

    async def test_a_conflict_tells_how_the_aggregate_stands(self, log: EventLog) -> None:
        """A conflict carries the version and the append that wrote it."""
        first, second = unit("t:a"), unit("t:a")
        await log.append(first)
        await log.append(second)
        assert await log.append(unit("t:a", expects=[Expect("t:a", 1, first.id)])) == Conflict(
            "t:a", 2, second.id
        )
        assert await log.append(unit("t:b", expects=[Expect("t:b", 3, first.id)])) == Conflict("t:b", 0, "")

    async def test_i02_an_expectation_names_the_append_that_wrote_the_version(self, log: EventLog) -> None:
        """I2: the right version written by another append is a conflict."""
        first = unit("t:a")
        await log.append(first)
        assert await log.append(unit("t:a", expects=[Expect("t:a", 1, "somebody-else")])) == Conflict(
            "t:a", 1, first.id
        )
        assert await log.append(unit("t:a", expects=[Expect("t:a", 1)])) == Conflict("t:a", 1, first.id)

    async def test_an_expectation_may_be_of_an_aggregate_that_is_only_read(self, log: EventLog) -> None:
        """What was read to decide may be expected without being written."""
        read = unit("t:read")
        expected = after("t:read", await log.append(read), read)
        appended(await log.append(unit("t:a", expects=[Expect("t:a", 0), expected])))
        moved = unit("t:read")
        await log.append(moved)
        assert await log.append(unit("t:b", expects=[Expect("t:b", 0), expected])) == Conflict(
            "t:read", 2, moved.id
        )

    async def test_i08_a_unit_without_an_expectation_is_always_taken(self, log: EventLog) -> None:
        """I8: what only reports needs to know no version."""
        assert [appended(await log.append(unit("t:a"))).first for _ in range(3)] == [1, 2, 3]

    async def test_aggregates_of_different_runs_are_different(self, log: EventLog) -> None:
        """An aggregate's key counts inside its run."""
        await log.append(unit("t:a", run="r-1"))
        appended(await log.append(unit("t:a", run="r-2", expects=[Expect("t:a", 0)])))

    @needs(Ability.QUEUES)
    async def test_i08_a_refused_unit_leaves_nothing(self, harness: Harness, log: EventLog) -> None:
        """I8: a unit is checked whole before its first write, to its very last condition."""
        dispatched = unit(event("t:a", dispatch="work"), counters=[Limit("usd", 10)])
        await log.append(dispatched)
        (message,) = await harness.messages("work")
        head = await log.head()
        refused = unit(
            event("t:a"),
            event("t:new", dispatch="work"),
            expects=[Expect("t:a", 1, dispatched.id), Expect("t:new", 0)],
            counters=[Reserve("usd", "op", 4)],
            control="paused",
            claims=1,
            acks=[ack(message)],
            advance=Advance("scheduler", Position(1, head.epoch), Position(7, head.epoch)),
        )
        a(Misplaced, await log.append(refused))
        assert await log.head() == head
        assert await harness.messages("work") == [message]
        assert await log.reactor_position("scheduler") == Position(0, 0)
        assert (await log.history(RUN)).control == Control()
        whole = unit(
            "t:a",
            "t:new",
            expects=[Expect("t:a", 1, dispatched.id), Expect("t:new", 0)],
            counters=[Reserve("usd", "op", 10)],
            guard=Guard(0),
        )
        appended(await log.append(whole))

    @needs(Ability.PRESSURE)
    async def test_refusals_have_one_order(self, harness: Harness, log: EventLog) -> None:
        """Of several reasons, the one that makes the others stale is told: conflict, guard, pressure, bound, place."""
        first = unit("t:a", control="paused", counters=[Limit("usd", 1)])
        expected = after("t:a", await log.append(first), first)
        await harness.set_pressure(90)
        wrong: dict[str, Any] = {
            "expects": [Expect("t:a", 5)],
            "guard": Guard(0),
            "admission": Admission.CLAIM,
            "counters": [Reserve("usd", "op", 2)],
            "advance": Advance("scheduler", Position(1, 1), Position(9, 1)),
        }
        right: dict[str, Any] = {
            "expects": [expected],
            "guard": Guard(1, first.id),
            "admission": Admission.REPORT,
            "counters": [Reserve("usd", "op", 1)],
        }
        told = [await log.append(unit("t:a", **wrong))]
        for reason, held in right.items():
            wrong[reason] = held
            told.append(await log.append(unit("t:a", **wrong)))
        assert [type(each) for each in told] == [Conflict, Guarded, Pressure, Exhausted, Misplaced]

    async def test_i10_a_unit_has_one_time_and_the_log_never_goes_back(self, log: EventLog) -> None:
        """I10: the log stamps each unit, and no event is earlier than the one before it."""
        told = [appended(await log.append(unit("t:a", "t:b"))) for _ in range(10)]
        times = [each.time_ms for each in await everything(log)]
        assert times == [outcome.time_ms for outcome in told for _ in range(2)]
        assert times == sorted(times)
        assert times[0] > 0

    @needs(Ability.CLOCK)
    async def test_i10_a_server_clock_that_goes_back_is_not_followed(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I10: the stamp is the later of the server's time and the partition's last."""
        before = appended(await log.append(unit("t:a")))
        await harness.set_clock_back(3_600_000)
        assert appended(await log.append(unit("t:a"))).time_ms == before.time_ms
