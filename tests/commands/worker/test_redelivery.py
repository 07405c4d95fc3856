"""What was delivered and never claimed is taken over; what was claimed never is, and an outage is no death (I14, I15)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from awe.adapters.memory.queue import MemoryConsumer, MemoryGroup
from awe.commands.tools import Call, Success
from awe.commands.worker.redelivery import Delivery, Redelivery
from awe.commands.worker.standing import Standing
from awe.commands.worker.worker import Worker
from awe.domain.task.work import Request, Work
from support.running import running
from support.task_events import claimed, retry
from support.workshop import PARTITION, Workshop

DONE = ["ready", "claimed", "operation_started", "operation_succeeded", "succeeded"]


class Floor:
    """A queue, and a worker of it with its round."""

    def __init__(self, shop: Workshop, **settings: Any) -> None:
        self.shop = shop
        self.group = MemoryGroup(shop.server, PARTITION, "default")
        self.worker = shop.worker("w-2", **settings)
        self.consumer = MemoryConsumer(self.group, "w-2")
        self.redelivery = Redelivery(self.worker, shop.log, [self.consumer])

    async def play(self, story: Callable[[], Awaitable[None]]) -> None:
        async def all_of_it() -> None:
            async with running(self.redelivery.run(), self.worker.run()):
                await story()

        await self.shop.play(all_of_it())


async def test_i14_a_delivery_that_was_never_claimed_is_taken_over(shop: Workshop) -> None:
    floor = Floor(shop)
    await shop.offer(Work((shop.request("read"),)))

    async def story() -> None:
        assert floor.group.read("w-1", 10)
        await shop.passes(29)
        assert await shop.names() == ["ready"]
        await shop.passes(32)

    await floor.play(story)
    assert await shop.names() == DONE
    assert floor.group.pending() == []


async def test_i14_a_delivery_that_was_claimed_is_left_to_the_scheduler(shop: Workshop) -> None:
    floor = Floor(shop)
    await shop.offer(Work((shop.request("read"),)))
    floor.group.read("w-1", 10)
    await shop.append(claimed())

    async def story() -> None:
        await shop.passes(600)

    await floor.play(story)
    assert await shop.names() == ["ready", "claimed"]
    assert floor.group.pending("w-1")


async def test_i14_a_delivery_that_is_over_is_acknowledged(shop: Workshop) -> None:
    floor = Floor(shop)
    await shop.offer(Work((shop.request("read"),)))
    floor.group.read("w-1", 10)
    await shop.append(claimed(), retry())

    async def story() -> None:
        await shop.passes(70)

    await floor.play(story)
    assert shop.waiting == 0
    assert (await shop.names())[-1] == "retry_scheduled"


async def test_i15_after_a_new_epoch_nothing_is_taken_over_for_a_lease(shop: Workshop) -> None:
    floor = Floor(shop)
    await shop.offer(Work((shop.request("read"),)))

    async def story() -> None:
        await shop.passes(60)
        floor.group.read("w-1", 10)
        shop.server.crash(PARTITION)
        await shop.passes(120)
        shop.server.heal(PARTITION)
        await shop.passes(29)
        assert await shop.names() == ["ready"]
        await shop.passes(25)

    await floor.play(story)
    assert await shop.names() == DONE


async def test_i15_a_worker_never_takes_over_what_it_has_in_hand(shop: Workshop) -> None:
    go_on = asyncio.Event()

    async def work_long(_: Call) -> Success:
        await go_on.wait()
        return Success(None)

    shop.tools.answers["read"] = work_long
    floor = Floor(shop)
    shop.server.partition(PARTITION).pressure = 90
    await shop.offer(Work((shop.request("read"),)))

    async def story() -> None:
        (message,) = floor.group.read("w-2", 10)
        await floor.worker.accept("default", message.id, message.data)
        await shop.passes(200)  # it waits for memory: nobody claimed
        assert floor.group.forgotten(0)[0].times == 1
        shop.server.partition(PARTITION).pressure = 0
        await shop.passes(10)
        go_on.set()
        await shop.idle(floor.worker)

    await floor.play(story)
    assert await shop.names() == DONE


async def test_a_worker_without_room_takes_nothing_over(shop: Workshop) -> None:
    go_on = asyncio.Event()

    async def work_long(_: Call) -> Success:
        await go_on.wait()
        return Success(None)

    shop.tools.answers["read"] = work_long
    floor = Floor(shop, slots=1)
    work = Work((shop.request("read"),))
    first = await shop.offer(work)
    await shop.offer(work, task="two")
    floor.group.read("w-1", 10)

    async def story() -> None:
        await floor.worker.accept("default", first.id, first.data)
        await shop.passes(120)
        assert await shop.names("two") == ["ready"]
        go_on.set()
        await shop.passes(120)

    await floor.play(story)
    assert await shop.names("two") == DONE


async def test_what_nobody_serves_is_delivered_again_until_it_fails(shop: Workshop) -> None:
    floor = Floor(shop)
    await shop.offer(Work((Request("far", "f" * 64, {}),)))

    async def story() -> None:
        (message,) = floor.group.read("w-2", 10)
        await floor.worker.accept("default", message.id, message.data)
        await shop.passes(59)
        assert floor.group.forgotten(0)[0].times == 1  # left to others first
        await shop.passes(300)

    await floor.play(story)
    assert (await shop.names())[-1] == "dead_lettered"
    assert shop.waiting == 0


async def test_i15_a_queue_that_cannot_be_asked_counts_as_an_interruption(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    floor = Floor(shop)
    await shop.offer(Work((shop.request("read"),)))

    async def story() -> None:
        floor.group.read("w-1", 10)
        await shop.passes(15)
        shop.server.halt(PARTITION)
        await shop.passes(30)
        shop.server.heal(PARTITION)
        await shop.passes(25)
        assert await shop.names() == ["ready"]
        await shop.passes(60)

    await floor.play(story)
    assert await shop.names() == DONE
    assert "were not looked at" in caplog.text


async def test_the_queue_in_memory_delivers_once_and_feeds_in_order(shop: Workshop) -> None:
    group = MemoryGroup(shop.server, PARTITION, "default")
    consumer = MemoryConsumer(group, "w-1")
    worker: Worker = shop.worker()

    async def story() -> None:
        async with running(consumer.feed(worker.accept, 2), worker.run()):
            for number in range(5):
                await shop.offer(Work((shop.request("read", number=number),)), task=f"t{number}")
            while shop.waiting:
                await shop.passes(0.01)

    await shop.play(story())
    assert [call.arguments["number"] for call in shop.tools.calls] == list(range(5))
    assert group.pending() == []
    assert group.read("w-2", 10) == []


async def test_the_queue_in_memory_gives_a_message_to_one_of_two_who_want_it(shop: Workshop) -> None:
    group = MemoryGroup(shop.server, PARTITION, "default")
    await shop.offer(Work((shop.request("read"),)))
    group.read("w-1", 1)
    await shop.play(shop.clock.sleep(40))
    (forgotten,) = group.forgotten(30_000)
    assert forgotten.consumer == "w-1"
    assert await MemoryConsumer(group, "w-2").take(forgotten, 30_000)
    assert not await MemoryConsumer(group, "w-3").take(forgotten, 30_000)
    assert group.pending("w-2")
    group.forget()
    assert group.pending() == []
    assert group.read("w-3", 5)


async def test_a_round_that_breaks_is_heard_of_and_followed_by_another(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    floor = Floor(shop)
    await shop.offer(Work((shop.request("read"),)))
    look, faults = floor.consumer.forgotten, [ValueError("odd")]

    async def forgotten(idle_ms: int) -> Sequence[Delivery]:
        if faults:
            raise faults.pop()
        return await look(idle_ms)

    floor.consumer.forgotten = forgotten  # type: ignore[method-assign]  # a fault of ours

    async def story() -> None:
        floor.group.read("w-1", 10)
        await shop.passes(90)

    await floor.play(story)
    assert await shop.names() == DONE
    assert "odd" in caplog.text


async def test_i14_what_was_found_claimed_is_asked_for_once_a_lease(shop: Workshop) -> None:
    floor = Floor(shop)
    await shop.offer(Work((shop.request("read"),)))
    floor.group.read("w-1", 10)
    await shop.append(claimed())
    look, looks = floor.worker.look, list[str]()

    async def counted(queue: str, message_id: str, data: bytes) -> Standing:
        looks.append(message_id)
        return await look(queue, message_id, data)

    floor.worker.look = counted  # type: ignore[method-assign]  # counts and asks

    async def story() -> None:
        await shop.passes(330)

    await floor.play(story)
    assert 5 <= len(looks) <= 10


async def test_i02_an_offer_that_the_log_made_anew_is_not_taken_over_by_its_old_message(
    shop: Workshop,
) -> None:
    old = await shop.offer(Work((shop.request("read"),)))
    shop.server.crash(PARTITION, lost=1)
    shop.server.heal(PARTITION)
    new = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()
    assert await worker.look("default", old.id, old.data) is Standing.HELD
    assert await worker.look("default", new.id, new.data) is Standing.OFFERED
