"""A server that is away is waited for, and its deliveries are nobody's death (I15)."""

import asyncio
from pathlib import Path

import pytest

from awe.adapters.redis_streams.keys import GROUP
from awe.adapters.redis_streams.single_tier import open_single_tier_async
from awe.commands.tools import Call, Success
from support.plant import at_work, planted
from support.server_homes import next_home
from support.servers import ValkeyProcess
from support.waiting import until

DONE = ["ready", "claimed", "operation_started", "operation_succeeded", "succeeded"]


async def test_i15_a_worker_reads_on_after_an_outage_and_reports_what_it_had(
    own_valkey: ValkeyProcess, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = asyncio.Event()

    async def wait(_: Call) -> Success:
        await go_on.wait()
        return Success(None)

    async with planted(own_valkey.url, "outage.00") as plant:
        plant.tools.answers["read"] = wait
        await plant.offer("one")
        worker = plant.worker("w-1", lease_ms=600)
        async with at_work(plant.queue(worker), worker):
            await until(lambda: bool(plant.tools.calls))
            own_valkey.kill9()
            go_on.set()
            await until(lambda: "waited out" in caplog.text)
            own_valkey.start()
            await open_single_tier_async(plant.client, plant.keys.partition)
            await plant.until("one", "succeeded")
            await plant.offer("two")
            await plant.until("two", "succeeded")
        assert await plant.names() == DONE
        assert await plant.waiting() == 0
        assert await plant.consumers() == []


async def test_a_worker_may_start_before_its_server(server_home: Path) -> None:
    home = next_home(server_home)
    with ValkeyProcess(home) as server:
        async with planted(server.url, "early.00") as plant:
            server.kill9()
            worker = plant.worker("w-1")
            async with at_work(plant.queue(worker), worker) as reading:
                await asyncio.wait({reading}, timeout=0.2)
                assert not reading.done()
                server.start()
                await open_single_tier_async(plant.client, plant.keys.partition)
                await plant.offer("one")
                await plant.until("one", "succeeded")
                group = await plant.client.execute_command("XINFO GROUPS", plant.keys.queue("default"))
                assert [each["name"] for each in group] == [GROUP.encode()]
