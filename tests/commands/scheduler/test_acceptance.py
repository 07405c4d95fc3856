"""What an accepted plan lets begin is sent right behind the acceptance, and rests on it (I11, I18)."""

import asyncio
from collections.abc import Awaitable, Callable

from awe.adapters.memory.log import MemoryEventLog
from awe.commands.log import Outcome, Pressure, Unit
from awe.domain.run.events import PlanAccepted
from support.office import PARTITION, Office, plan_of, play, task
from support.running import running

CONDITION = {"when": "1 < 2"}


class Watched(MemoryEventLog):
    """A log whose first acceptance of a plan meets what a test wants."""

    def __init__(self, office: Office, meet: Callable[[], Awaitable[Outcome | None]]) -> None:
        super().__init__(office.server, PARTITION)
        self.units: list[Unit] = []
        self._meet = meet
        self._met = False

    async def append(self, unit: Unit) -> Outcome:
        self.units.append(unit)
        outcome: Outcome | None = None
        if accepts(unit) and not self._met:
            self._met = True
            outcome = await self._meet()
        return outcome if outcome is not None else await super().append(unit)


def accepts(unit: Unit) -> bool:
    return any(event.type == PlanAccepted.event_type for event in unit.events)


async def nothing() -> None:
    return None


async def test_the_first_tasks_do_not_wait_until_the_acceptance_is_read() -> None:
    async def story(o: Office) -> None:
        log = Watched(o, nothing)
        async with running(o.scheduler(log).run()):
            run = await o.submit()
            await o.plan(run, plan_of(task("first"), task("other"), task("last", "first")))
            await o.offered(run, "first")
            (at,) = [place for place, unit in enumerate(log.units) if accepts(unit)]
            accepted, *behind = log.units[at : at + 3]
            for unit in behind:
                assert [(each.aggregate, each.version) for each in unit.expects][1:] == [("run", 3)]
                assert unit.expects[1].append_id == accepted.id
            await o.succeed(run, "first", 1)
            await o.succeed(run, "other", 2)
            await o.succeed(run, "last", 3)
            await o.until_event(run, "succeeded")

    await play(story, scheduled=False)


async def test_i11_a_cancel_that_comes_before_the_acceptance_lets_nothing_begin() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()

        async def cancelled() -> None:
            await o.cancel(run)

        async with running(o.scheduler(Watched(o, cancelled)).run()):
            await o.plan(run, plan_of(task("first"), task("asked", **CONDITION)))
            await o.until_event(run, "cancelled")
        assert await o.names(run) == ["goal_submitted", "cancel_requested", "cancelled"]
        assert (await o.names(run, "first"), await o.names(run, "asked")) == ([], [])

    await play(story, scheduled=False)


async def test_i18_an_acceptance_that_was_refused_is_sent_again_and_then_all_begins() -> None:
    async def story(o: Office) -> None:
        async def refused() -> Outcome:
            await asyncio.sleep(0)
            return Pressure(100)

        async with running(o.scheduler(Watched(o, refused)).run()):
            run = await o.submit()
            await o.plan(run, plan_of(task("first"), task("asked", **CONDITION)))
            await o.succeed(run, "first", 1)
            await o.succeed(run, "asked", 2)
            await o.until_event(run, "succeeded")
        assert await o.names(run) == ["goal_submitted", "plan_proposed", "plan_accepted", "succeeded"]

    await play(story, scheduled=False)


async def test_i18_first_tasks_that_overtake_their_acceptance_are_offered_later() -> None:
    async def story(o: Office) -> None:
        async def late() -> None:
            await o.clock.sleep(0.02)

        async with running(o.scheduler(Watched(o, late)).run()):
            run = await o.submit()
            await o.plan(run, plan_of(task("first")))
            await o.succeed(run, "first", 1)
            await o.until_event(run, "succeeded")

    await play(story, scheduled=False)
