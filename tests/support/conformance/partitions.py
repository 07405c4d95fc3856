"""Two partitions of one server share nothing: not a number, a name, a lineage or a fate."""

import asyncio

from awe.commands.log import Advance, Control, EventLog, Expect, Guard, Limit, Page, Position, Reserve
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import BEGIN, RUN, a, appended, event, everything, fill, follows, unit


class Partitions(Suite):
    async def test_i19_each_partition_has_its_own_name_and_numbers(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I19: positions are contiguous from 1 in each."""
        other = await harness.other_partition()
        assert other.partition != log.partition
        await asyncio.gather(fill(log, 5), fill(other, 3))
        for client, count in ((log, 5), (other, 3)):
            events = await everything(client)
            assert len(events) == count
            follows(events)

    async def test_i19_equal_names_in_two_partitions_are_different_things(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I19: runs, aggregates, append ids, control, counters and reactors live in one partition."""
        other = await harness.other_partition()
        sent = unit("t:a", control="paused", counters=[Limit("usd", 1), Reserve("usd", "op", 1)])
        told = appended(await log.append(sent))
        await log.append(unit(advance=Advance("scheduler", told.position, BEGIN)))
        assert (await other.history(RUN)).control == Control()
        assert await other.reactor_position("scheduler") == Position(0, 0)
        again = unit(
            "t:a",
            expects=[Expect("t:a", 0)],
            guard=Guard(0),
            counters=[Reserve("usd", "other", 0), Limit("usd", 1)],
        )
        appended(await other.append(again))
        assert not appended(await other.append(sent)).repeated

    @needs(Ability.LOSE_TAIL)
    async def test_i19_a_loss_in_one_partition_rewinds_no_other(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I19: what the other held is still there, and its positions go on."""
        other = await harness.other_partition()
        told = await fill(other, 3)
        await fill(log, 3)
        await harness.lose_tail(2)
        assert (await log.head()).n == 1
        assert len(await everything(other)) == 3
        assert (await other.head()).n == 3
        appended(await other.append(unit("t:a")))
        assert a(Page, await other.read(told[2].position)).position.n == 4

    @needs(Ability.QUEUES)
    async def test_i19_a_queue_belongs_to_a_partition(self, harness: Harness, log: EventLog) -> None:
        """I19: equal names are two queues."""
        other = await harness.other_partition()
        await other.append(unit(event("t:a", dispatch="work")))
        assert await harness.messages("work") == []
        await log.append(unit("t:a"))
        mine = unit(event("t:b", dispatch="work"))
        await log.append(mine)
        assert [each.append_id for each in await harness.messages("work")] == [mine.id]
