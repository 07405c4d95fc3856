"""Items, waves, and runs that share the queue."""

from typing import Any

from awe.commands.scheduler.limits import Limits
from awe.domain.identifiers import RunId, task_aggregate
from support.office import PARTITION, Office, plan_of, play, task
from support.running import running


def _each(items: str, *, most: int | None = 1_000, **more: Any) -> dict[str, Any]:
    for_each: dict[str, Any] = {"items": {"$from": items}}
    if most is not None:
        for_each["max_items"] = most
    return {
        "id": "each",
        "deps": [items],
        "for_each": for_each,
        "tool_requests": [{"tool": "noop", "arguments": {"item": {"$from": "item"}}}],
        **more,
    }


async def _ready(o: Office) -> list[str]:
    return [event.aggregate for event in o.server.messages(PARTITION, "default")]


async def test_i13_items_are_offered_in_waves_and_their_outputs_come_in_order() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("list"), _each("list"), task("sum", "each")))
        await o.succeed(run, "list", [10, 11, 12, 13, 14])
        await o.offered(run, "each[1]")
        await o.clock.sleep(1)
        assert await _ready(o) == ["t:each[0]", "t:each[1]"]
        for item in (1, 0, 3, 2, 4):
            assert (await o.work(run, f"each[{item}]")).requests[0].arguments == {"item": 10 + item}
            await o.succeed(run, f"each[{item}]", item)
        assert (await o.work(run, "sum")).requests[0].arguments == {"each": [0, 1, 2, 3, 4]}
        await o.succeed(run, "sum", 10)
        await o.until_event(run, "succeeded")
        assert await o.names(run, "each") == []

    await play(story, Limits(wave=2))


async def test_an_empty_list_of_items_is_an_empty_array() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("list"), _each("list"), task("sum", "each")))
        await o.succeed(run, "list", [])
        assert (await o.work(run, "sum")).requests[0].arguments == {"each": []}

    await play(story)


async def test_an_item_that_may_fail_leaves_its_place_out() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("list"), _each("list", on_failure="continue"), task("sum", "each")))
        await o.succeed(run, "list", ["a", "b", "c"])
        await o.fail(run, "each[1]")
        await o.succeed(run, "each[2]", "C")
        await o.succeed(run, "each[0]", "A")
        assert (await o.work(run, "sum")).requests[0].arguments == {"each": ["A", "C"]}

    await play(story)


async def test_more_items_than_allowed_or_no_items_at_all_give_the_task_up() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("list"), _each("list", most=2)))
        await o.succeed(run, "list", [1, 2, 3])
        await o.until_event(run, "failed")
        assert await o.names(run, "each") == ["dead_lettered"]
        other = await o.submit(idempotency_key="other")
        await o.plan(other, plan_of(task("list"), _each("list")))
        await o.succeed(other, "list", {"no": "array"})
        await o.until_event(other, "failed")

    await play(story)


async def test_a_condition_skips_a_task_before_its_items_are_listed() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(task("list"), _each("list", when="size(tasks.list) > 2")))
        await o.succeed(run, "list", [1, 2])
        await o.until_event(run, "succeeded")
        assert await o.names(run, "each") == ["skipped"]

    await play(story)


async def test_i13_a_restart_goes_on_with_the_next_missing_item() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        async with running(o.scheduler().run()):
            await o.plan(run, plan_of(task("list"), _each("list")))
            await o.succeed(run, "list", [0, 1, 2, 3])
            await o.succeed(run, "each[0]", 0)
        async with running(o.scheduler().run()):
            for item in (1, 2, 3):
                await o.succeed(run, f"each[{item}]", item)
            await o.until_event(run, "succeeded")
        assert await o.names(run, "each[3]") == [
            "ready",
            "claimed",
            "operation_started",
            "operation_succeeded",
            "succeeded",
        ]

    await play(story, Limits(wave=2), scheduled=False)


async def test_i17_no_more_is_dispatched_than_may_wait_unclaimed() -> None:
    async def story(o: Office) -> None:
        run = await o.submit()
        await o.plan(run, plan_of(*(task(f"t{number}") for number in range(10))))
        await o.offered(run, "t2")
        await o.clock.sleep(1)
        assert await _ready(o) == ["t:t0", "t:t1", "t:t2"]
        await o.claim(run, "t1")
        await o.offered(run, "t3")
        await o.clock.sleep(1)
        assert len(await _ready(o)) == 4  # one of them is claimed

    await play(story, Limits(dispatched=3))


async def test_i17_a_small_run_has_its_turn_beside_a_large_one() -> None:
    async def story(o: Office) -> None:
        large = await o.submit(idempotency_key="large")
        await o.plan(large, plan_of(*(task(f"t{number}") for number in range(50))))
        await o.offered(large, "t3")
        small = await o.submit(idempotency_key="small")
        await o.succeed(large, "t0", 0)
        await o.plan(small, plan_of(task("only")))
        await o.succeed(large, "t1", 0)
        await o.succeed(large, "t2", 0)
        assert await _is_offered(o, small, "only")

    await play(story, Limits(dispatched=4))


async def test_i17_a_run_of_higher_priority_is_served_first() -> None:
    async def story(o: Office) -> None:
        low = await o.submit(idempotency_key="low")
        await o.plan(low, plan_of(*(task(f"t{number}") for number in range(50))))
        await o.offered(low, "t1")
        urgent = await o.submit(idempotency_key="urgent", priority=9)
        await o.succeed(low, "t0", 0)
        await o.succeed(low, "t1", 0)
        await o.plan(urgent, plan_of(*(task(f"u{number}") for number in range(3))))
        await o.clock.sleep(1)
        await o.succeed(low, "t2", 0)
        await o.succeed(low, "t3", 0)
        for number in range(3):
            await o.succeed(urgent, f"u{number}", 0)
        assert len(await o.names(low, "t6")) == 0

    await play(story, Limits(dispatched=2))


async def test_i17_queues_do_not_wait_for_each_other() -> None:
    async def story(o: Office) -> None:
        full = await o.submit(idempotency_key="full")
        await o.plan(full, plan_of(*(task(f"t{number}") for number in range(5))))
        await o.offered(full, "t1")
        other = await o.submit(idempotency_key="other", queue="tools-1")
        await o.plan(other, plan_of(task("first")))
        await o.offered(other, "first")
        (offer,) = o.server.messages(PARTITION, "tools-1")
        assert offer.run == other

    await play(story, Limits(dispatched=2))


async def _is_offered(o: Office, run: RunId, key: str) -> bool:
    await o.clock.sleep(1)
    return any(
        (event.run, event.aggregate) == (run, task_aggregate(key))  # type: ignore[arg-type]  # a plan's own id
        for event in o.server.messages(PARTITION, "default")
    )
