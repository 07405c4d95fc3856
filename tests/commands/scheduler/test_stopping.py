"""A run that is cancelled, too late, or waits for somebody to say what happened."""

from typing import cast

from awe.commands.log import Appended, Guarded
from awe.domain.failures import FailureClass
from awe.domain.run.events import RunFailed
from awe.domain.task.events import OperationObservedLate, TaskDeadLettered
from support.office import LEASE_MS, WRITE, Office, plan_of, play, task
from support.running import running


async def test_i11_a_cancel_lets_nothing_new_begin_and_waits_for_what_runs() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("runs"), task("waits"), task("after", "runs")))
        await o.claim(run, "runs")
        await o.offered(run, "waits")
        await o.cancel(run)
        await o.until_event(run, "cancelled", "waits")
        assert "cancelled" not in await o.names(run)
        await o.report(run, "runs", 1)
        await o.until_event(run, "cancelled")
        assert await o.names(run, "after") == []

    await play(story)


async def test_i11_a_claim_decided_before_a_cancel_is_guarded() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        async with running(o.scheduler().run()):
            await o.plan(run, plan_of(task("first")))
            await o.offered(run, "first")
        await o.cancel(run)
        assert isinstance(await o.claim(run, "first"), Guarded)

    await play(story, scheduled=False)


async def test_a_cancel_while_the_run_is_planned_ends_it() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.offered(run, "sys.plan")
        await o.cancel(run)
        await o.until_event(run, "cancelled")
        assert await o.names(run, "sys.plan") == ["ready", "cancelled"]

    await play(story)


async def test_i18_a_run_waits_for_an_unknown_outcome_and_a_cancel_ends_it() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("pay"), task("other")))
        await o.claim(run, "pay", WRITE)
        await o.until_event(run, "outcome_unknown", "pay")
        await o.succeed(run, "other", 1)
        before = await o.names(run)
        await o.clock.sleep(600)
        assert await o.names(run) == before
        await o.cancel(run)
        await o.until_event(run, "cancelled")
        assert (await o.names(run, "pay"))[-1] == "cancelled"

    await play(story)


async def test_i21_a_late_success_lets_the_task_go_on_with_its_output() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("pay"), outputs={"paid": {"$from": "pay"}}))
        await o.claim(run, "pay", WRITE)
        await o.until_event(run, "outcome_unknown", "pay")
        late = OperationObservedLate(attempt=1, index=0, generation=1, output={"paid": True})
        assert isinstance(await o.append(run, "pay", late), Appended)
        await o.until_event(run, "ready", "pay", times=2)

    await play(story)


async def test_i21_a_late_failure_is_judged_by_the_policy() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("pay")))
        await o.claim(run, "pay", WRITE)
        await o.until_event(run, "outcome_unknown", "pay")
        late = OperationObservedLate(
            attempt=1, index=0, generation=1, failure=FailureClass.TOOL_ERROR, message="refused"
        )
        assert isinstance(await o.append(run, "pay", late), Appended)
        await o.until_event(run, "failed")
        assert (await o.names(run, "pay"))[-1] == "dead_lettered"

    await play(story)


async def test_i21_a_late_word_that_tells_nothing_changes_nothing() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("pay")))
        await o.claim(run, "pay", WRITE)
        await o.until_event(run, "outcome_unknown", "pay")
        late = OperationObservedLate(
            attempt=1, index=0, generation=1, failure=FailureClass.TIMEOUT, message="", definite=False
        )
        assert isinstance(await o.append(run, "pay", late), Appended)
        await o.clock.sleep(600)
        assert (await o.names(run, "pay"))[-1] == "operation_observed_late"
        assert "failed" not in await o.names(run)

    await play(story)


async def test_the_deadline_of_a_run_gives_up_what_has_not_begun() -> None:
    async def story(o: Office) -> None:
        run = await o.submit(deadline_ms=60_000)
        await o.plan(run, plan_of(task("runs"), task("waits")))
        await o.claim(run, "runs")
        await o.offered(run, "waits")
        await o.until_event(run, "dead_lettered", "waits")
        letter = cast("TaskDeadLettered", await o.last(run, "waits"))
        assert (letter.failure, letter.attempts) == (FailureClass.DEADLINE_EXCEEDED, 0)
        await o.until_event(run, "failed")
        assert cast("RunFailed", await o.last(run)).failure is FailureClass.DEADLINE_EXCEEDED

    await play(story)


async def test_the_deadline_passes_while_the_run_is_planned() -> None:
    async def story(o: Office) -> None:
        run = await o.submit(deadline_ms=5_000)
        await o.until_event(run, "failed")
        assert cast("RunFailed", await o.last(run)).failure is FailureClass.DEADLINE_EXCEEDED
        assert await o.names(run, "sys.plan") == ["ready", "dead_lettered"]

    await play(story)


async def test_i14_a_silent_worker_is_lost_after_its_lease_and_the_task_is_offered_again() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first")))
        await o.clock.sleep(LEASE_MS / 500)  # the scheduler has watched for more than a lease
        await o.claim(run, "first")
        begun = o.clock.now_ms()
        await o.until_event(run, "ready", "first", times=2)
        assert await o.names(run, "first") == [
            "ready",
            "claimed",
            "operation_started",
            "retry_scheduled",
            "ready",
        ]
        assert o.clock.now_ms() - begun >= LEASE_MS
        await o.succeed(run, "first", 1)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_i14_a_worker_that_renews_its_lease_keeps_its_task() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first")))
        await o.claim(run, "first")
        for _ in range(20):
            await o.clock.sleep(10)
            await o.renew(run, "first")
        assert (await o.names(run, "first"))[-1] == "operation_started"
        await o.report(run, "first", 1)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_i14_a_task_whose_workers_are_lost_three_times_is_a_dead_letter() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first")))
        for attempt in (1, 2, 3):
            await o.until_event(run, "ready", "first", times=attempt)
            await o.claim(run, "first")
        await o.until_event(run, "failed")
        letter = cast("TaskDeadLettered", await o.last(run, "first"))
        assert (letter.failure, letter.attempts) == (FailureClass.WORKER_LOST, 3)

    await play(story)


async def test_i15_a_scheduler_that_just_came_declares_nobody_lost_before_a_lease_has_passed() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        async with running(o.scheduler().run()):
            await o.plan(run, plan_of(task("first")))
            await o.claim(run, "first")
        await o.clock.sleep(LEASE_MS / 1000 * 10)
        async with running(o.scheduler().run()):
            await o.clock.sleep(LEASE_MS / 1000 - 5)
            assert (await o.names(run, "first"))[-1] == "operation_started"
            await o.until_event(run, "ready", "first", times=2)

    await play(story, scheduled=False)
