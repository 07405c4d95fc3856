"""Many callers of many processes see one order, in which every unit stands whole."""

import asyncio
from collections import Counter
from itertools import groupby

from awe.commands.log import Appended, Conflict, EventLog, Expect
from support.conformance.harness import Harness
from support.conformance.suite import Suite
from support.conformance.units import appended, event, everything, follows, unit


class Concurrency(Suite):
    async def test_i12_one_unit_of_many_may_conflict_alone(self, log: EventLog) -> None:
        """I12: unit 2 of 400 conflicts, the others commit."""
        await log.append(unit("t:1"))
        units = [unit(f"t:{index}", expects=[Expect(f"t:{index}", 0)]) for index in range(400)]
        told = await asyncio.gather(*(log.append(each) for each in units))
        assert [index for index, each in enumerate(told) if isinstance(each, Conflict)] == [1]
        events = await everything(log)
        assert len(events) == 400
        follows(events)

    async def test_i08_units_of_many_writers_do_not_interleave(self, harness: Harness, log: EventLog) -> None:
        """I8: each unit's events stand together, at the positions it was told."""
        second = await harness.second_log()
        units = [unit(*[f"t:{index}"] * (1 + index % 5)) for index in range(100)]
        told = await asyncio.gather(
            *(client.append(each) for client, each in zip([log, second] * 50, units, strict=True))
        )
        events = await everything(log)
        follows(events)
        found = {
            append_id: [each.n for each in group]
            for append_id, group in groupby(events, lambda e: e.append_id)
        }
        for sent, outcome in zip(units, told, strict=True):
            first = appended(outcome).first
            assert found[sent.id] == list(range(first, first + len(sent.events)))

    async def test_i02_of_many_that_expect_one_version_one_wins(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I2: a version is a fencing token."""
        second = await harness.second_log()
        for version in range(3):
            writer = (await everything(log))[-1].append_id if version else ""
            told = await asyncio.gather(
                *(
                    each.append(unit("t:a", expects=[Expect("t:a", version, writer)]))
                    for each in [log, second] * 8
                )
            )
            assert [type(each) for each in told].count(Appended) == 1
        assert [each.version for each in await everything(log)] == [1, 2, 3]

    async def test_units_in_flight_together_may_build_on_one_another(self, log: EventLog) -> None:
        """A caller that starts its appends in order gets them in order."""
        first = unit("t:a", expects=[Expect("t:a", 0)])
        then = unit("t:a", expects=[Expect("t:a", 1, first.id)])
        told = await asyncio.gather(log.append(first), log.append(then))
        assert [appended(each).first for each in told] == [1, 2]

    async def test_cancelled_callers_do_not_disturb_others(self, log: EventLog) -> None:
        """I8: each unit has an outcome of its own; nothing of a cancelled one is there twice or in part."""
        callers = [
            asyncio.ensure_future(log.append(unit(event(f"t:{index}"), event(f"t:{index}"))))
            for index in range(60)
        ]
        await asyncio.sleep(0)
        for caller in callers[::3]:
            caller.cancel()
        told = await asyncio.gather(*callers, return_exceptions=True)
        assert sum(isinstance(each, Appended) for each in told) >= 40
        await log.append(unit("t:last"))
        events = await everything(log)
        follows(events)
        counts = Counter(each.aggregate for each in events)
        assert {count for aggregate, count in counts.items() if aggregate != "t:last"} == {2}
        for index in range(60):
            if index % 3:
                assert counts[f"t:{index}"] == 2
