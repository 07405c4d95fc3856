"""One partition on a real server, tasks that are offered in it, and work queues with their workers."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from awe.adapters.clock import SystemClock
from awe.adapters.expressions import CelExpressions
from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.redis_streams.connection import AsyncClient, connect, in_cluster
from awe.adapters.redis_streams.keys import GROUP, Keys
from awe.adapters.redis_streams.log import RedisEventLog, RedisEventLogs
from awe.adapters.redis_streams.single_tier import open_single_tier_async
from awe.adapters.redis_streams.task_leases import RedisTaskLeases
from awe.adapters.schemas import JsonSchemas
from awe.adapters.work_queue.application import WorkQueue
from awe.commands.append_ids import AppendIds
from awe.commands.log import Appended, Expect, NewEvent, Unit
from awe.commands.worker.settings import WorkerSettings
from awe.commands.worker.worker import Worker
from awe.domain.events import Event, encode
from awe.domain.identifiers import TaskKey, task_aggregate
from awe.domain.task.events import TaskEvent, TaskReady, claims_delta
from awe.domain.task.work import Request, Work
from awe.domain.vocabulary import decode
from support.waiting import until_async
from support.workshop import CONTEXT, CONTRACTS, RUN, Bench


class Plant:
    def __init__(self, url: str, partition: str, client: AsyncClient) -> None:
        self.url = url
        self.client = client
        self.keys = Keys(partition)
        self.logs = RedisEventLogs(client, orphaned=self._orphaned)
        self.log: RedisEventLog = self.logs.log(partition)
        self.tools = Bench()
        self.ids = AppendIds(b"what a test says itself")
        self.workers: list[Worker] = []
        self._expressions = CelExpressions()

    def _orphaned(self, unit: Unit, outcome: Any) -> None:
        for worker in self.workers:
            worker.orphaned(unit, outcome)

    async def aclose(self) -> None:
        self._expressions.close()
        await self.logs.aclose()

    async def offer(self, task: str = "one", *, queue: str = "default", attempt: int = 1) -> None:
        request = Request("read", CONTRACTS[0].digest, {})
        ready = TaskReady(attempt=attempt, plan=1, work=Work((request,)).document())
        await self.append(ready, task=task, dispatch=queue)

    async def append(self, *events: Event, task: str = "one", dispatch: str = "") -> None:
        aggregate = task_aggregate(TaskKey(task))
        before = (await self.log.history(RUN, aggregate)).events
        last = (before[-1].version, before[-1].append_id) if before else (0, "")
        unit = Unit(
            self.ids.new(),
            RUN,
            tuple(NewEvent(aggregate, each.event_type, encode(each, CONTEXT), dispatch) for each in events),
            (Expect(aggregate, *last),),
            claims=claims_delta(cast("Sequence[TaskEvent]", events)),
        )
        assert isinstance(await self.log.append(unit), Appended)

    def worker(self, name: str, **settings: int) -> Worker:
        worker = Worker(
            name=name,
            logs={0: self.log},
            task_leases={0: RedisTaskLeases(self.client, self.keys.partition)},
            tools=self.tools,
            blobs=MemoryBlobs(),
            expressions=self._expressions,
            schemas=JsonSchemas(),
            clock=SystemClock(),
            ids=AppendIds(f"{len(self.workers):09} is a worker's".encode()),
            settings=WorkerSettings(**{"slots": 4, **settings}),
        )
        self.workers.append(worker)
        return worker

    def queue(self, worker: Worker, *queues: str, drain_s: float = 5.0) -> WorkQueue:
        return WorkQueue(
            self.url,
            partitions=[self.keys.partition],
            queues=["default", *queues],
            worker=worker,
            consumer=worker.name,
            drain_s=drain_s,
        )

    async def names(self, task: str = "one") -> list[str]:
        events = (await self.log.history(RUN, task_aggregate(TaskKey(task)))).events
        return [decode(each.type, each.body)[0].event_name.rpartition(".")[2] for each in events]

    async def until(self, task: str, name: str) -> None:
        async def there() -> bool:
            names = await self.names(task)
            return bool(names) and names[-1] == name

        await until_async(there)

    async def waiting(self, queue: str = "default") -> int:
        return int(await self.client.execute_command("XLEN", self.keys.queue(queue)))

    async def consumers(self, queue: str = "default") -> list[str]:
        told = await self.client.execute_command("XINFO CONSUMERS", self.keys.queue(queue), GROUP)
        return sorted(each["name"].decode() for each in told)

    async def deliver(self, consumer: str, queue: str = "default") -> None:
        """Take one message as another worker would, which then says nothing more."""
        key = self.keys.queue(queue)
        await self.client.execute_command("XGROUP CREATE", key, GROUP, "0", "MKSTREAM")
        read = ("XREADGROUP", "GROUP", GROUP, consumer, "COUNT", 1, "STREAMS", key, ">")
        assert await self.client.execute_command(*read)


@asynccontextmanager
async def planted(url: str, partition: str) -> AsyncGenerator[Plant]:
    client = connect(url, cluster=await in_cluster(url))
    await open_single_tier_async(client, partition)
    plant = Plant(url, partition, client)
    try:
        yield plant
    finally:
        await plant.aclose()
        await client.aclose()


@asynccontextmanager
async def at_work(queue: WorkQueue, worker: Worker) -> AsyncGenerator[asyncio.Task[None]]:
    """Run a worker; cancelled in the end, and its own end is awaited."""
    beating = asyncio.create_task(worker.run())
    reading = asyncio.create_task(queue.run())
    try:
        yield reading
    finally:
        reading.cancel()
        await asyncio.wait({reading})
        beating.cancel()
        await asyncio.wait({beating})
