"""Bounded counters are exact: over refusals, retries, settlements and many clients at once."""

import asyncio

from awe.commands.log import Appended, CounterStep, EventLog, Exhausted, Limit, Reserve, Settle
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import OTHER_RUN, RUN, a, appended, unit


async def steps(log: EventLog, *given: CounterStep, run: str = RUN) -> object:
    """Append an event with counter steps."""
    return await log.append(unit("t:a", run=run, counters=given))


class Counters(Suite):
    async def test_i23_reservations_stay_within_the_bound(self, log: EventLog) -> None:
        """I23: reserved + spent + x <= limit, to the last unit; a refusal tells the counter."""
        await steps(log, Limit("usd", 10))
        a(Appended, await steps(log, Reserve("usd", "op1", 4)))
        a(Appended, await steps(log, Reserve("usd", "op2", 6)))
        assert await steps(log, Reserve("usd", "op3", 1)) == Exhausted("usd", 10, 0, 10)

    async def test_i23_a_settlement_replaces_the_reservation_by_what_was_spent(self, log: EventLog) -> None:
        """I23: what was reserved and not spent is free again."""
        await steps(log, Limit("usd", 10), Reserve("usd", "op1", 8))
        await steps(log, Settle("usd", "op1", 3))
        assert await steps(log, Reserve("usd", "op2", 8)) == Exhausted("usd", 10, 3, 0)
        a(Appended, await steps(log, Reserve("usd", "op2", 7)))

    async def test_i23_settling_a_missing_reservation_does_nothing(self, log: EventLog) -> None:
        """I23: neither a second settlement nor one of an unknown holder is counted."""
        await steps(log, Limit("usd", 10), Reserve("usd", "op1", 5))
        for _ in range(2):
            a(Appended, await steps(log, Settle("usd", "op1", 5)))
            a(Appended, await steps(log, Settle("usd", "nobody", 5)))
        assert await steps(log, Reserve("usd", "op2", 6)) == Exhausted("usd", 10, 5, 0)

    async def test_i23_an_overshoot_is_recorded_and_stops_reservations(self, log: EventLog) -> None:
        """I23: a report is never refused for what it spent."""
        await steps(log, Limit("usd", 10), Reserve("usd", "op1", 5))
        a(Appended, await steps(log, Settle("usd", "op1", 25)))
        assert await steps(log, Reserve("usd", "op2", 0)) == Exhausted("usd", 10, 25, 0)

    async def test_i23_a_lowered_limit_holds_for_what_comes(self, log: EventLog) -> None:
        """I23: what is reserved stays so; nothing is added above the new bound."""
        await steps(log, Limit("usd", 10), Reserve("usd", "op1", 8))
        await steps(log, Limit("usd", 5))
        assert await steps(log, Reserve("usd", "op2", 1)) == Exhausted("usd", 5, 0, 8)
        await steps(log, Limit("usd", 9))
        a(Appended, await steps(log, Reserve("usd", "op2", 1)))

    async def test_i23_dimensions_and_runs_count_apart(self, log: EventLog) -> None:
        """I23: per run and dimension; one refused step refuses the unit."""
        await steps(log, Limit("usd", 1), Limit("calls", 2))
        told = await steps(log, Reserve("calls", "op1", 1), Reserve("usd", "op1", 2))
        assert told == Exhausted("usd", 1, 0, 0)
        a(Appended, await steps(log, Reserve("calls", "op1", 2)))
        await steps(log, Limit("usd", 1), run=OTHER_RUN)
        a(Appended, await steps(log, Reserve("usd", "op1", 1), run=OTHER_RUN))
        a(Appended, await steps(log, Reserve("usd", "op1", 1)))

    async def test_i23_without_a_limit_nothing_is_refused(self, log: EventLog) -> None:
        """I23: an unbounded counter counts; a bound set later finds what was counted."""
        await steps(log, Reserve("usd", "op1", 2**40))
        await steps(log, Settle("usd", "op1", 2**40))
        await steps(log, Limit("usd", 2**40 + 1))
        assert await steps(log, Reserve("usd", "op2", 2)) == Exhausted("usd", 2**40 + 1, 2**40, 0)

    async def test_i23_reservations_of_one_holder_add_up(self, log: EventLog) -> None:
        """I23: and end together."""
        await steps(log, Limit("usd", 10), Reserve("usd", "op1", 4))
        await steps(log, Reserve("usd", "op1", 4))
        assert await steps(log, Reserve("usd", "op2", 3)) == Exhausted("usd", 10, 0, 8)
        await steps(log, Settle("usd", "op1", 1))
        a(Appended, await steps(log, Reserve("usd", "op2", 9)))

    async def test_i23_steps_of_a_unit_count_in_their_order(self, log: EventLog) -> None:
        """I23: a unit that settles and reserves is judged by what each step leaves."""
        await steps(log, Limit("usd", 10), Reserve("usd", "op1", 10))
        a(Appended, await steps(log, Settle("usd", "op1", 4), Reserve("usd", "op2", 6)))
        told = await steps(log, Settle("usd", "op2", 9), Reserve("usd", "op3", 1))
        assert a(Exhausted, told).limit == 10
        told = await steps(log, Reserve("usd", "op3", 1), Limit("usd", 20))
        assert a(Exhausted, told).limit == 10
        a(Appended, await steps(log, Limit("usd", 20), Reserve("usd", "op3", 10)))

    async def test_i23_a_unit_may_settle_what_it_reserves(self, log: EventLog) -> None:
        """I23: a reservation that ends in its own unit leaves what was spent."""
        await steps(log, Limit("usd", 10), Reserve("usd", "op", 10), Settle("usd", "op", 2))
        assert await steps(log, Reserve("usd", "op", 9)) == Exhausted("usd", 10, 2, 0)

    async def test_i23_the_bound_is_exact_under_concurrency(self, harness: Harness, log: EventLog) -> None:
        """I23: of a hundred attempts of two processes, exactly as many pass as fit."""
        await steps(log, Limit("slots", 37))
        second = await harness.second_log()
        told = await asyncio.gather(
            *(
                client.append(unit(f"t:{place}-{index}", counters=[Reserve("slots", f"{place}-{index}", 1)]))
                for index in range(50)
                for place, client in enumerate((log, second))
            )
        )
        assert [type(each) for each in told].count(Appended) == 37
        assert [type(each) for each in told].count(Exhausted) == 63

    @needs(Ability.LOSE_REPLY)
    async def test_i23_the_bound_is_exact_over_lost_replies(self, harness: Harness, log: EventLog) -> None:
        """I23: a repeated reservation or settlement counts once."""
        await steps(log, Limit("usd", 100))
        for index in range(5):
            await harness.lose_next_reply()
            appended(await log.append(unit(f"t:{index}", counters=[Reserve("usd", f"op{index}", 10)])))
            await harness.lose_next_reply()
            appended(await log.append(unit(f"t:{index}", counters=[Settle("usd", f"op{index}", 3)])))
        assert await steps(log, Reserve("usd", "last", 86)) == Exhausted("usd", 100, 15, 0)
        a(Appended, await steps(log, Reserve("usd", "last", 85)))
