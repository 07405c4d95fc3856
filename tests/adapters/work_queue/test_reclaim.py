"""What was delivered to a worker that never claimed it is taken over; consumers go when nothing is pending (I14, I15)."""

import pytest
from redis.exceptions import ResponseError

from awe.adapters.redis_streams.keys import GROUP
from awe.adapters.work_queue.consumers import idle_consumers, remove_consumer
from awe.adapters.work_queue.reclaim import StreamDeliveries, queue_client
from awe.commands.log import LogUnavailable
from support.plant import Plant, at_work
from support.task_events import claimed, retry
from support.waiting import until_async

DONE = ["ready", "claimed", "operation_started", "operation_succeeded", "succeeded"]


async def test_i14_a_delivery_that_was_never_claimed_is_taken_over(plant: Plant) -> None:
    await plant.offer("one")
    await plant.deliver("gone")
    worker = plant.worker("w-1", lease_ms=200)
    async with at_work(plant.queue(worker), worker):
        await plant.until("one", "succeeded")
        assert await plant.names() == DONE
        await until_async(lambda: _only(plant, "w-1"))  # the one that is gone left nothing
    assert await plant.waiting() == 0


async def _only(plant: Plant, consumer: str) -> bool:
    return await plant.consumers() == [consumer]


async def test_i14_a_delivery_that_was_claimed_is_left_and_one_that_is_over_acknowledged(
    plant: Plant,
) -> None:
    await plant.offer("one")
    await plant.deliver("gone")
    await plant.append(claimed())
    await plant.offer("two")
    await plant.client.execute_command(
        "XREADGROUP", "GROUP", GROUP, "gone", "STREAMS", plant.keys.queue("default"), ">"
    )
    await plant.append(claimed(), retry(), task="two")
    worker = plant.worker("w-1", lease_ms=300)
    async with at_work(plant.queue(worker), worker):
        await until_async(lambda: _holds(plant, 1))
    assert await plant.names() == ["ready", "claimed"]
    assert (await plant.names("two"))[-1] == "retry_scheduled"
    assert await plant.consumers() == ["gone"]


async def _holds(plant: Plant, number: int) -> bool:
    return await plant.waiting() == number


async def test_i14_a_consumer_is_removed_only_when_nothing_is_pending_for_it(plant: Plant) -> None:
    await plant.offer("one")
    await plant.deliver("gone")
    stream = plant.keys.queue("default")
    assert not await remove_consumer(plant.client, stream, "gone")
    assert await idle_consumers(plant.client, stream, 0) == []
    await plant.client.execute_command("XGROUP CREATECONSUMER", stream, GROUP, "idle")
    assert await idle_consumers(plant.client, stream, 0) == ["idle"]
    assert await idle_consumers(plant.client, stream, 60_000) == []
    assert await remove_consumer(plant.client, stream, "idle")
    assert await plant.consumers() == ["gone"]
    assert await remove_consumer(plant.client, f"{stream}.none", "any")


async def test_of_two_who_take_a_delivery_over_one_gets_it(plant: Plant) -> None:

    for number in range(3):
        await plant.offer(f"t{number}")
        if not number:
            await plant.deliver("gone")
    client = queue_client(plant.url)
    first = StreamDeliveries(client, plant.keys, "default", "w-1")
    second = StreamDeliveries(client, plant.keys, "default", "w-2")
    (delivery,) = await first.forgotten(0)
    assert delivery.consumer == "gone"
    assert delivery.times == 1
    assert await first.take(delivery, 0)
    assert not await second.take(delivery, 60_000)
    (again,) = await second.forgotten(0)
    assert (again.consumer, again.times) == ("w-1", 2)
    assert await first.forgotten(60_000) == []
    assert await StreamDeliveries(client, plant.keys, "none", "w-1").forgotten(0) == []
    await client.aclose()


async def test_deliveries_are_read_page_by_page_and_what_is_gone_is_left_out(plant: Plant) -> None:
    stream = plant.keys.queue("default")
    await plant.client.execute_command("XGROUP CREATE", stream, GROUP, "0", "MKSTREAM")
    for number in range(120):
        await plant.client.execute_command("XADD", stream, f"{number + 1}-0", "__data__", str(number))
    await plant.client.execute_command("XREADGROUP", "GROUP", GROUP, "gone", "STREAMS", stream, ">")
    await plant.client.execute_command("XDEL", stream, "7-0")
    client = queue_client(plant.url)
    found = await StreamDeliveries(client, plant.keys, "default", "w-1").forgotten(0)
    assert [each.message_id for each in found] == [f"{n}-0" for n in range(1, 121) if n != 7]
    assert found[-1].data == b"119"
    await client.aclose()


async def test_a_queue_that_cannot_be_asked_says_so(plant: Plant) -> None:
    client = queue_client(plant.url)
    await plant.client.execute_command("SET", plant.keys.queue("odd"), "no stream")
    with pytest.raises(LogUnavailable):
        await StreamDeliveries(client, plant.keys, "odd", "w-1").forgotten(0)
    with pytest.raises(ResponseError):
        await remove_consumer(client, plant.keys.queue("odd"), "w-1")
    await client.aclose()
    away = queue_client("unix:///nowhere/at/all")
    with pytest.raises(LogUnavailable):
        await StreamDeliveries(away, plant.keys, "default", "w-1").forgotten(0)
    await away.aclose()
