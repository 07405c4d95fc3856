"""The log's entries are enough: everything else can be thrown away and comes back the same."""

from awe.commands.log import (
    Advance,
    Appended,
    Conflict,
    EventLog,
    Exhausted,
    Expect,
    Guard,
    Guarded,
    Limit,
    Position,
    Reserve,
    Settle,
)
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import BEGIN, OTHER_RUN, RUN, a, ack, appended, event, everything, unit


async def live(harness: Harness, log: EventLog) -> None:
    """Append a history that moves everything a log derives."""
    await log.append(unit("run", counters=[Limit("usd", 100), Limit("calls", 3)]))
    for index in range(4):
        claimed = unit(
            event(f"t:{index}", dispatch="work"),
            "run",
            f"t:{index}",
            claims=1,
            counters=[Reserve("usd", f"op{index}", 10), Reserve("calls", f"op{index}", 0)],
        )
        told = appended(await log.append(claimed))
        await log.append(unit(f"t:{index}", advance=Advance("scheduler", told.position)))
    done, failed, *_ = await harness.messages("work")
    await log.append(unit("t:0", claims=-1, counters=[Settle("usd", "op0", 7)], acks=[ack(done)]))
    await log.append(unit(event("t:1", dispatch="later"), claims=-1, acks=[ack(failed)], control="held"))
    await log.append(unit(event("t:0", dispatch="work"), run=OTHER_RUN, control="paused"))


class Derivation(Suite):
    @needs(Ability.REBUILD, Ability.QUEUES)
    async def test_i05_a_fold_of_the_entries_is_what_the_store_keeps(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I5: indexes, control, claims, counters, positions and outstanding messages."""
        await live(harness, log)
        before = await harness.derived()
        await harness.rebuild()
        assert await harness.derived() == before

    @needs(Ability.REBUILD, Ability.QUEUES)
    async def test_i05_a_rebuilt_partition_answers_as_before(self, harness: Harness, log: EventLog) -> None:
        """I5: expectations, guards, bounds, reactors, retries and messages."""
        await live(harness, log)
        events = await everything(log)
        messages = {queue: await harness.messages(queue) for queue in ("work", "later")}
        scheduler = await log.reactor_position("scheduler")
        control = (await log.history(RUN)).control
        sent = unit("t:x")
        first = appended(await log.append(sent))

        await harness.rebuild()
        assert await everything(log) == [*events, *(await log.history(RUN)).events[-1:]]
        for queue, before in messages.items():
            now = await harness.messages(queue)
            assert [(each.n, each.append_id) for each in now] == [(e.n, e.append_id) for e in before]
        assert await log.reactor_position("scheduler") == scheduler
        again = a(Appended, await log.append(sent))
        assert (again.repeated, again.first, again.time_ms) == (True, first.first, first.time_ms)
        guarded = await log.append(unit("t:y", guard=Guard(0)))
        assert guarded == Guarded(control.version, control.append_id, control.state)
        refused = await log.append(unit("t:y", counters=[Reserve("usd", "new", 64)]))
        assert refused == Exhausted("usd", 100, 7, 30)
        told = a(Conflict, await log.append(unit("t:2", expects=[Expect("t:2", 0)])))
        assert told.version == 3

    @needs(Ability.REBUILD, Ability.QUEUES, Ability.ARCHIVE, Ability.TRIM)
    async def test_i05_both_tiers_together_are_enough(self, harness: Harness, log: EventLog) -> None:
        """I5: obligations below the hot window are derived from the archive."""
        await live(harness, log)
        messages = [each.n for each in await harness.messages("work")]
        scheduler = await log.reactor_position("scheduler")
        await harness.archive_to(12)
        await harness.trim_to(12)
        await harness.rebuild()
        assert [each.n for each in await harness.messages("work")] == messages
        assert await log.reactor_position("scheduler") == scheduler
        refused = await log.append(unit("t:y", counters=[Reserve("usd", "new", 64)]))
        assert refused == Exhausted("usd", 100, 7, 30)

    @needs(Ability.REBUILD, Ability.QUEUES, Ability.ARCHIVE, Ability.DROP_INDEX)
    async def test_i04_i05_a_run_with_an_open_claim_is_warm_after_healing(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I4, I5: its claim is known, so its index is not dropped; a run without one may be cold."""
        await live(harness, log)
        await harness.archive_to((await log.head()).n)
        await harness.rebuild()
        assert not await harness.drop_index(RUN)
        told = a(Conflict, await log.append(unit("t:0", run=OTHER_RUN, expects=[Expect("t:0", 0)])))
        assert told.version == 1

    @needs(Ability.REBUILD, Ability.QUEUES)
    async def test_i05_i08_what_leaves_no_entry_is_forgotten_without_harm(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I8: a message acknowledged alone may come back, and a position moved alone fall back; never forward."""
        await log.append(unit(event("t:a", dispatch="work")))
        (message,) = await harness.messages("work")
        head = await log.head()
        await log.append(unit(acks=[ack(message)]))
        await log.append(unit(advance=Advance("scheduler", head, BEGIN)))
        await harness.rebuild()
        assert [each.n for each in await harness.messages("work")] in ([], [1])
        stands = await log.reactor_position("scheduler")
        assert stands.n in {0, 1}
        moved = Advance("scheduler", Position(1, (await log.head()).epoch), stands)
        appended(await log.append(unit("t:b", advance=moved)))
