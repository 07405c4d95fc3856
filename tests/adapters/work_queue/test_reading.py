"""Work queues on a real server: read from the first message on, acknowledged by reports, left tidy."""

import asyncio

import pytest

from awe.adapters.redis_streams.keys import GROUP
from awe.adapters.redis_streams.single_tier import open_single_tier_async
from awe.adapters.work_queue.application import GroupLost
from awe.commands.tools import Call, Success
from support.plant import Plant, at_work
from support.waiting import until, until_async

DONE = ["ready", "claimed", "operation_started", "operation_succeeded", "succeeded"]


async def test_i14_messages_from_before_the_group_are_worked_on_and_leave_nothing(plant: Plant) -> None:
    tasks = [f"t{number}" for number in range(10)]
    for task in tasks:
        await plant.offer(task)
    worker = plant.worker("w-1")
    async with at_work(plant.queue(worker), worker):
        for task in tasks:
            await plant.until(task, "succeeded")
        await plant.offer("later")
        await plant.until("later", "succeeded")
        assert await plant.waiting() == 0
        assert await plant.consumers() == ["w-1"]
    assert await plant.consumers() == []
    assert len(plant.tools.calls) == 11


async def test_a_queue_of_its_own_is_served_by_who_was_told(plant: Plant) -> None:
    await plant.offer("one", queue="tools-a")
    worker = plant.worker("w-1")
    async with at_work(plant.queue(worker, "tools-a"), worker):
        await plant.until("one", "succeeded")
    assert await plant.waiting("tools-a") == 0


async def test_i17_a_worker_holds_no_more_than_its_slots_and_a_batch(plant: Plant) -> None:
    go_on = asyncio.Event()

    async def wait(_: Call) -> Success:
        await go_on.wait()
        return Success(None)

    plant.tools.answers["read"] = wait
    for number in range(12):
        await plant.offer(f"t{number}")
    worker = plant.worker("w-1", slots=2)
    async with at_work(plant.queue(worker), worker):
        await until(lambda: len(plant.tools.calls) == 2)
        summary = await plant.client.execute_command("XINFO CONSUMERS", plant.keys.queue("default"), GROUP)
        assert summary[0]["pending"] <= 4
        go_on.set()
        await until_async(lambda: _is_empty(plant))
    assert len(plant.tools.calls) == 12


async def _is_empty(plant: Plant) -> bool:
    return await plant.waiting() == 0


async def test_i14_a_drain_stops_reading_and_lets_what_runs_end(plant: Plant) -> None:
    go_on = asyncio.Event()

    async def wait(_: Call) -> Success:
        await go_on.wait()
        return Success(None)

    plant.tools.answers["read"] = wait
    await plant.offer("one")
    worker = plant.worker("w-1")
    async with at_work(plant.queue(worker), worker) as reading:
        await until(lambda: bool(plant.tools.calls))
        reading.cancel()
        await until(lambda: not worker.has_room)
        await plant.offer("two")
        go_on.set()
        await asyncio.wait({reading})
    assert await plant.names() == DONE
    assert await plant.names("two") == ["ready"]
    assert await plant.consumers() == []


async def test_i14_a_consumer_with_something_pending_stays_behind(plant: Plant) -> None:
    async def hang(_: Call) -> Success:
        await asyncio.Event().wait()
        return Success(None)

    plant.tools.answers["read"] = hang
    await plant.offer("one")
    worker = plant.worker("w-1")
    async with at_work(plant.queue(worker, drain_s=0.1), worker):
        await until(lambda: bool(plant.tools.calls))
    assert await plant.consumers() == ["w-1"]
    assert await plant.waiting() == 1


async def test_a_group_that_somebody_took_away_ends_the_worker(plant: Plant) -> None:
    await plant.offer("one")
    worker = plant.worker("w-1")
    async with at_work(plant.queue(worker), worker) as reading:
        await plant.until("one", "succeeded")
        await plant.client.execute_command("DEL", plant.keys.queue("default"))
        with pytest.raises(GroupLost, match="nothing was healed"):
            await reading


async def test_a_group_that_went_with_its_partition_comes_again_with_the_healing(plant: Plant) -> None:
    await plant.offer("one")
    worker = plant.worker("w-1")
    async with at_work(plant.queue(worker), worker) as reading:
        await plant.until("one", "succeeded")
        found = await plant.client.execute_command("KEYS", f"{{{plant.keys.partition}}}:*")
        await plant.client.execute_command("DEL", *found)
        await open_single_tier_async(plant.client, plant.keys.partition)
        await plant.offer("two")
        await plant.until("two", "succeeded")
        assert not reading.done()


async def test_what_is_no_message_stays_where_it_is(plant: Plant, caplog: pytest.LogCaptureFixture) -> None:
    await plant.client.execute_command("XADD", plant.keys.queue("default"), "*", "other", "field")
    await plant.offer("one")
    worker = plant.worker("w-1")
    async with at_work(plant.queue(worker), worker):
        await plant.until("one", "succeeded")
    assert await plant.waiting() == 1
    assert "left where it is" in caplog.text
