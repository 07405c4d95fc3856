"""A guard fails when something restricted the run, and for nothing else."""

from awe.commands.log import Control, EventLog, Expect, Guard, Guarded
from support.conformance.suite import Suite
from support.conformance.units import OTHER_RUN, RUN, a, appended, unit


class Guards(Suite):
    async def test_i11_a_run_that_nothing_restricted_stands_at_control_zero(self, log: EventLog) -> None:
        """I11: version zero and no append id, also for a run without events."""
        assert (await log.history(RUN)).control == Control()
        appended(await log.append(unit("t:a", guard=Guard(0))))

    async def test_i11_a_failed_guard_carries_the_control_state(self, log: EventLog) -> None:
        """I11: one reply is enough to decide again, and one repeat to append."""
        paused = unit("run", control="paused")
        await log.append(paused)
        told = await log.append(unit("t:a", guard=Guard(0)))
        assert told == Guarded(1, paused.id, "paused")
        appended(await log.append(unit("t:a", guard=Guard(1, paused.id))))

    async def test_i02_a_guard_names_the_append_that_wrote_the_version(self, log: EventLog) -> None:
        """I2: the right control version written by another append fails."""
        paused = unit("run", control="paused")
        await log.append(paused)
        expected = Guarded(1, paused.id, "paused")
        assert await log.append(unit("t:a", guard=Guard(1, "somebody-else"))) == expected
        assert await log.append(unit("t:a", guard=Guard(1))) == expected

    async def test_i11_events_that_do_not_restrict_fail_no_guard(self, log: EventLog) -> None:
        """I11: a hundred events of the run's own aggregate leave ten thousand claims alone."""
        for _ in range(10):
            await log.append(unit(*["run"] * 10))
        appended(await log.append(unit("t:a", guard=Guard(0))))

    async def test_i11_a_report_is_taken_after_any_restriction(self, log: EventLog) -> None:
        """I11: what happened carries no guard, so a cancelled run still hears it."""
        claimed = unit("t:a", expects=[Expect("t:a", 0)], guard=Guard(0))
        await log.append(claimed)
        await log.append(unit("run", control="cancelled"))
        appended(await log.append(unit("t:a", expects=[Expect("t:a", 1, claimed.id)])))

    async def test_i11_each_restriction_raises_the_version_by_one(self, log: EventLog) -> None:
        """I11: by the append, however many events it has; the state is the last one told."""
        await log.append(unit("run", "run", "run", control="paused"))
        last = unit("run", control="")
        await log.append(last)
        assert (await log.history(RUN)).control == Control(2, last.id, "")

    async def test_i11_a_unit_may_restrict_what_it_guards(self, log: EventLog) -> None:
        """I11: the guard is of the state before the unit."""
        paused = unit("run", control="paused", guard=Guard(0))
        appended(await log.append(paused))
        resumed = unit("run", control="", guard=Guard(1, paused.id))
        appended(await log.append(resumed))
        assert a(Guarded, await log.append(unit("run", guard=Guard(1, paused.id)))).version == 2

    async def test_i11_a_restriction_is_of_one_run(self, log: EventLog) -> None:
        """I11: other runs' guards hold."""
        await log.append(unit("run", control="cancelled"))
        appended(await log.append(unit("t:a", run=OTHER_RUN, guard=Guard(0))))

    async def test_i11_a_control_state_may_hold_any_text(self, log: EventLog) -> None:
        """I11: the state comes back as it was given."""
        state = '{"paused": "a;b\\t@c+1", "why": "Ärger 🛑"}'
        await log.append(unit("run", control=state))
        assert a(Guarded, await log.append(unit("t:a", guard=Guard(0)))).state == state
        assert (await log.history(RUN)).control.state == state
