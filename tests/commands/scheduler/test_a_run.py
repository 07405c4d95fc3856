"""A run as the scheduler leads it, from the goal to its end; hands do the work of workers."""

from typing import cast

from awe.adapters.memory.blobs import MemoryBlobs
from awe.commands.scheduler.limits import Limits
from awe.domain.failures import FailureClass
from awe.domain.run.events import RunFailed, RunSucceeded
from support.office import Office, plan_of, play, task
from support.running import running
from support.virtual_clock import VirtualClock


async def test_a_chain_runs_in_order_and_hands_outputs_on() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(
            run, plan_of(task("first"), task("second", "first"), outputs={"end": {"$from": "second"}})
        )
        await o.offered(run, "first")
        assert await o.names(run, "second") == []
        await o.succeed(run, "first", {"n": 1})
        assert (await o.work(run, "second")).requests[0].arguments == {"first": {"n": 1}}
        await o.succeed(run, "second", {"n": 2})
        await o.until_event(run, "succeeded")
        assert await o.last(run) == RunSucceeded(outputs={"end": {"n": 2}})
        assert await o.names(run) == ["goal_submitted", "plan_proposed", "plan_accepted", "succeeded"]
        assert o.server.messages("test.one", "default") == []

    await play(story)


async def test_a_diamond_waits_for_both_of_its_sides() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        sides = (task("left", "top"), task("right", "top"))
        await o.plan(run, plan_of(task("top"), *sides, task("bottom", "left", "right")))
        await o.succeed(run, "top", 0)
        await o.succeed(run, "left", 1)
        await o.offered(run, "right")
        assert await o.names(run, "bottom") == []
        await o.succeed(run, "right", 2)
        assert (await o.work(run, "bottom")).requests[0].arguments == {"left": 1, "right": 2}
        await o.succeed(run, "bottom", 3)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_a_plan_with_faults_is_rejected_and_the_run_fails() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        finding = {
            "code": "P020",
            "severity": "error",
            "path": "/tasks/0",
            "message": "no such tool",
            "hint": "",
        }
        await o.plan(run, plan_of(task("first")), findings=[finding])
        await o.until_event(run, "failed")
        assert await o.names(run) == ["goal_submitted", "plan_proposed", "plan_rejected", "failed"]
        failed = cast("RunFailed", await o.last(run))
        assert (failed.failure, failed.message) == (
            FailureClass.INVALID_INPUT,
            "no plan was accepted: no such tool",
        )

    await play(story)


async def test_planning_that_fails_fails_the_run() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.fail(run, "sys.plan", message="no planner is here")
        await o.until_event(run, "failed")
        assert cast("RunFailed", await o.last(run)).message == "'sys.plan' failed: no planner is here"

    await play(story)


async def test_a_failed_task_ends_the_run_once_what_is_claimed_has_ended() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("bad"), task("slow"), task("ready"), task("after", "slow")))
        await o.claim(run, "slow")
        await o.fail(run, "bad")
        await o.until_event(run, "cancelled", "ready")
        assert await o.names(run) == ["goal_submitted", "plan_proposed", "plan_accepted"]
        await o.report(run, "slow", 1)
        await o.until_event(run, "failed")
        failed = cast("RunFailed", await o.last(run))
        assert (failed.failure, failed.failing, failed.message) == (
            FailureClass.TOOL_ERROR,
            ("bad",),
            "'bad' failed: broken",
        )
        assert await o.names(run, "after") == []

    await play(story)


async def test_a_task_that_may_fail_is_skipped_by_what_binds_to_it() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        lenient = {"$from": "bad", "default": "none"}
        await o.plan(
            run,
            plan_of(
                task("bad", on_failure="continue"),
                task("strict", "bad"),
                {
                    "id": "lenient",
                    "deps": ["bad"],
                    "tool_requests": [{"tool": "noop", "arguments": {"x": lenient}}],
                },
            ),
        )
        await o.fail(run, "bad")
        await o.until_event(run, "skipped", "strict")
        assert (await o.work(run, "lenient")).requests[0].arguments == {"x": "none"}
        await o.succeed(run, "lenient", 1)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_a_condition_decides_whether_a_task_begins() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(
            run,
            plan_of(
                task("count"),
                task("many", "count", when="tasks.count > 3"),
                task("few", "count", when="tasks.count <= 3"),
                task("odd", "count", when="tasks.count.missing > 1", on_failure="continue"),
            ),
        )
        await o.succeed(run, "count", 7)
        await o.until_event(run, "skipped", "few")
        await o.until_event(run, "dead_lettered", "odd")
        await o.succeed(run, "many", 1)
        await o.until_event(run, "succeeded")

    await play(story)


async def test_outputs_that_cannot_be_resolved_fail_the_run() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("first"), outputs={"sum": {"$from": "first", "path": "/sum"}}))
        await o.succeed(run, "first", {})
        await o.until_event(run, "failed")
        failed = cast("RunFailed", await o.last(run))
        assert failed.message == "output 'sum' has no value: 'first' has nothing at '/sum'"

    await play(story)


async def test_what_is_too_large_for_events_lies_in_blobs() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(
            run, plan_of(task("first"), task("second", "first"), outputs={"all": {"$from": "second"}})
        )
        await o.succeed(run, "first", "x" * 200)
        work = await o.work(run, "second")
        assert work.requests[0].arguments == {"first": "x" * 200}
        await o.succeed(run, "second", "y" * 200)
        await o.until_event(run, "succeeded")
        done = cast("RunSucceeded", await o.last(run))
        assert done.outputs is None
        assert done.outputs_blob is not None

    from awe.commands.scheduler.limits import Limits  # noqa: PLC0415 (only here)

    await play(story, Limits(inline_work=150))


class _SlowBlobs(MemoryBlobs):
    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    async def get(self, digest: str) -> bytes:
        await self._clock.sleep(3)
        return await super().get(digest)


async def test_a_run_whose_plan_is_read_for_long_begins_as_soon_as_it_is_there() -> None:
    async def story(o: Office) -> None:
        o.blobs = _SlowBlobs(o.clock)
        async with running(o.scheduler().run()):
            run = await o.submit()
            await o.plan(run, plan_of(task("first")))
            began = o.clock.monotonic()
            await o.offered(run, "first")
            assert o.clock.monotonic() - began < Limits().watch_s / 2  # the watchdog would find it much later

    await play(story, Limits(inline_work=150), scheduled=False)


async def test_what_is_read_is_attended_to_at_once_and_not_at_the_next_tick() -> None:
    async def pass_slowly(o: Office) -> None:
        while True:
            await o.clock.sleep(0.01)

    async def story(o: Office) -> None:
        began_s = o.clock.monotonic()
        async with running(pass_slowly(o)):
            run = await o.submit()
            await o.plan(run, plan_of(task("first"), task("second", "first")))
            await o.succeed(run, "first", 1)
            await o.succeed(run, "second", 1)
            await o.until_event(run, "succeeded")
        assert o.clock.monotonic() - began_s < o.limits.tick_s

    await play(story, Limits(tick_s=10.0))
