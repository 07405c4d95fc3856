"""Schedulers come and go, two at a time, after losses and from snapshots."""

import asyncio
from typing import Any, cast

import pytest

from awe.adapters.memory.log import MemoryEventLog
from awe.commands.log import Advance, NewEvent, Position, Unit
from awe.commands.scheduler.answers import REACTOR
from awe.commands.scheduler.limits import Limits
from awe.domain.codec import UnknownEvent
from awe.domain.failures import FailureClass
from awe.domain.plan.canonical import digest
from awe.domain.run.events import RunFailed
from awe.domain.scheduling import completion
from support.office import PARTITION, Office, plan_of, play, task
from support.running import running


async def test_i12_two_schedulers_at_once_do_no_harm() -> None:
    async def story(o: Office) -> None:
        other = MemoryEventLog(o.server, PARTITION)
        run = await o.submit()
        first, second = o.scheduler(), o.scheduler(other, role="another")  # both hold a lease
        async with running(first.run(), second.run()):
            await o.plan(run, plan_of(*(task(f"t{number}") for number in range(5)), task("end", "t0", "t4")))
            for number in range(5):
                await o.succeed(run, f"t{number}", number)
            await o.succeed(run, "end", 1)
            await o.until_event(run, "succeeded")
            await o.clock.sleep(5)
        for key in ("sys.plan", "t0", "end"):
            assert (await o.names(run, key)).count("ready") == 1
        assert (await o.names(run)).count("succeeded") == 1
        await other.aclose()

    await play(story, scheduled=False)


async def test_i12_a_scheduler_whose_position_was_moved_folds_the_log_again() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first"), task("second", "first")))
        await o.offered(run, "first")
        await o.clock.sleep(5)
        here = await o.log.reactor_position(REACTOR)
        assert here.n > 0
        head = await o.log.head()
        back = Position(here.n - 1, head.epoch)
        await o.log.append(Unit("thief", "-", advance=Advance(REACTOR, back, here)))
        await o.succeed(run, "first", 1)
        await o.succeed(run, "second", 1)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_i12_the_position_moves_behind_what_was_answered() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first")))
        await o.succeed(run, "first", 1)
        await o.until_event(run, "succeeded")
        head = await o.log.head()
        await o.until(lambda: _stands_at(o, head.n))

    await play(story)


async def _stands_at(o: Office, n: int) -> bool:
    return (await o.log.reactor_position(REACTOR)).n == n


async def test_i16_a_new_epoch_without_a_loss_is_folded_again_and_goes_on() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first"), task("second", "first")))
        await o.offered(run, "first")
        o.server.crash(PARTITION)
        o.server.heal(PARTITION)
        await o.succeed(run, "first", 1)
        await o.succeed(run, "second", 1)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_i16_what_was_lost_is_decided_again() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first")))
        await o.offered(run, "first")
        o.server.crash(PARTITION, lost=1)
        o.server.heal(PARTITION)
        await o.succeed(run, "first", 1)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_i16_a_restart_begins_at_a_snapshot_with_the_unfinished_runs() -> None:
    async def story(o: Office) -> None:
        done = await o.submit(idempotency_key="done")
        async with running(o.scheduler().run()):
            await o.plan(done, plan_of(task("only")))
            await o.succeed(done, "only", 1)
            await o.until_event(done, "succeeded")
            run = await o.submit()
            await o.plan(run, plan_of(task("first"), task("second", "first")))
            await o.succeed(run, "first", 1)
            await o.offered(run, "second")
            o.server.archive(PARTITION, (await o.log.head()).n)
            await o.clock.sleep(10)
            await o.clock.sleep(10)
        snapshot = await o.snapshots.latest("scheduler/1")
        assert snapshot is not None
        assert run in snapshot.runs
        reads: list[Any] = []
        watched = o.log.read

        async def read(*args: Any) -> Any:
            reads.append(args[0])
            return await watched(*args)

        o.log.read = read  # type: ignore[method-assign,assignment]  # to see where it begins
        async with running(o.scheduler().run()):
            await o.succeed(run, "second", 2)
            await o.until_event(run, "succeeded")
        assert reads[0] == snapshot.position

    await play(story, Limits(snapshot_s=4), scheduled=False)


async def test_i09_an_unknown_event_ends_the_scheduler_and_gives_up_its_lease() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        office = asyncio.create_task(o.scheduler().run())
        await o.offered(run, "sys.plan")
        strange = NewEvent("t:sys.plan", "awe.task.teleported/1", b"{}")
        await o.log.append(Unit("from-a-newer-release", run, (strange,)))
        with pytest.raises(UnknownEvent, match="teleported"):
            await office
        assert await o.role().take("a successor", 1_000)

    await play(story, scheduled=False)


async def test_i05_a_lost_message_is_sent_again() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first")))
        await o.offered(run, "first")
        queue = cast("dict[Any, Any]", o.server.partition(PARTITION).derived.queues["default"])
        queue.clear()
        await o.until(lambda: _has_message(o))
        await o.succeed(run, "first", 1)
        await o.until_event(run, "succeeded")

    await play(story, Limits(watch_s=5))


async def _has_message(o: Office) -> bool:
    return bool(o.server.messages(PARTITION, "default"))


async def test_i07_a_full_server_gets_no_new_work_until_it_has_room() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first"), task("second", "first")))
        await o.claim(run, "first")
        o.server.partition(PARTITION).pressure = 75
        await o.report(run, "first", 1)
        await o.clock.sleep(30)
        assert await o.names(run, "second") == []
        o.server.partition(PARTITION).pressure = 10
        await o.succeed(run, "second", 1)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_i28_a_fault_that_one_run_meets_fails_that_run_and_no_other() -> None:
    async def story(o: Office) -> None:
        odd, other = await o.submit(idempotency_key="odd"), await o.submit(idempotency_key="other")
        await o.succeed(odd, "sys.plan", {"not": "what planning comes to"})
        await o.until_event(odd, "failed")
        failed = cast("RunFailed", await o.last(odd))
        assert failed.failure is FailureClass.INTERNAL
        assert "KeyError" in failed.message
        await o.plan(other, plan_of(task("first")))
        await o.succeed(other, "first", 1)
        await o.until_event(other, "succeeded")

    await play(story)


async def test_i28_a_run_whose_plan_is_gone_fails_and_a_restart_goes_on_with_the_others() -> None:
    async def story(o: Office) -> None:
        lost, other = await o.submit(idempotency_key="lost"), await o.submit(idempotency_key="other")
        plan = plan_of(task("first"), task("second", "first"))
        async with running(o.scheduler().run()):
            await o.plan(lost, plan)
            await o.plan(other, plan_of(task("only")))
            await o.offered(lost, "first")
            await o.offered(other, "only")
        o.blobs.forget(digest(plan))
        async with running(o.scheduler().run()):
            await o.until_event(lost, "failed")
            assert "BlobMissing" in cast("RunFailed", await o.last(lost)).message
            await o.succeed(other, "only", 1)
            await o.until_event(other, "succeeded")

    await play(story, Limits(inline_work=150), scheduled=False)


async def test_i28_a_run_that_cannot_even_fail_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async def story(o: Office) -> None:
        odd, other = await o.submit(idempotency_key="odd"), await o.submit(idempotency_key="other")
        await o.plan(other, plan_of(task("first")))
        await o.claim(other, "first")
        await o.offered(odd, "sys.plan")
        monkeypatch.setattr(completion, "end", broken)
        await o.cancel(odd)
        await o.clock.sleep(10)
        assert (await o.names(odd))[-1] == "cancel_requested"
        monkeypatch.undo()
        await o.report(other, "first", 1)
        await o.until_event(other, "succeeded")

    await play(story)
