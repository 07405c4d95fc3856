"""Work queues on every kind of server that the log runs on."""

import pytest

from support.plant import at_work, planted


@pytest.mark.parametrize("server", ["redis_url", "cluster_url"])
async def test_i14_a_task_is_delivered_reported_and_acknowledged(
    request: pytest.FixtureRequest, keyspace: str, server: str
) -> None:
    async with planted(request.getfixturevalue(server), f"{keyspace}.00") as plant:
        await plant.offer("one")
        await plant.deliver("gone")
        await plant.offer("two")
        worker = plant.worker("w-1", lease_ms=300)
        async with at_work(plant.queue(worker), worker):
            await plant.until("one", "succeeded")
            await plant.until("two", "succeeded")
            assert await plant.waiting() == 0
