"""The process side of a worker: reads its work queues, takes over what was forgotten, and drains when it is stopped."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError, connect, in_cluster
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.work_queue.consumers import idle_consumers, remove_consumer
from awe.adapters.work_queue.groups import GroupLost, Groups
from awe.adapters.work_queue.reading import Reading, Stream
from awe.adapters.work_queue.reclaim import StreamDeliveries, queue_client
from awe.commands.worker.redelivery import Redelivery
from awe.commands.worker.worker import Worker

DRAIN_S: Final = 30.0
_DEAD_AFTER_LEASES: Final = 10
_ASK_AGAIN_S: Final = 0.5

_log = logging.getLogger(__name__)


class WorkQueue:
    """Feeds one worker from the work queues of some partitions."""

    def __init__(
        self,
        url: str,
        *,
        partitions: Sequence[str],
        queues: Sequence[str],
        worker: Worker,
        consumer: str,
        drain_s: float = DRAIN_S,
    ) -> None:
        """``consumer`` is unique among all workers; ``drain_s`` is the time that running attempts get in the end."""
        self._url = url
        self._queues = tuple(dict.fromkeys(queues))
        self._partitions = tuple(partitions)
        self._streams = [Stream(partition, queue) for partition in partitions for queue in self._queues]
        self._worker = worker
        self._consumer = consumer
        self._drain_s = drain_s

    async def run(self) -> None:
        """Work until cancelled; then stop reading, let what runs end, and leave.

        Raises:
            GroupLost: a consumer group is gone for no reason of ours.
        """
        cluster = await _asked(self._url)
        client = queue_client(self._url, cluster=cluster)
        try:
            groups = {partition: Groups(client, partition, self._queues) for partition in self._partitions}
            await asyncio.gather(*(each.ensure() for each in groups.values()))
            reading = Reading(
                self._url,
                self._streams,
                cluster=cluster,
                consumer=self._consumer,
                max_records=max(1, self._worker.settings.slots // max(1, len(self._streams))),
                handle=self._hand_over,
            )
            try:
                await self._work(client, reading, groups)
            finally:
                await reading.aclose()
        finally:
            await self._worker.drain(self._drain_s)
            await self._leave(client)
            await client.aclose()

    async def _work(self, client: AsyncClient, reading: Reading, groups: dict[str, Groups]) -> None:
        others = [
            *(asyncio.create_task(each.run()) for each in self._redeliveries(client)),
            asyncio.create_task(self._remove_dead(client)),
        ]
        try:
            await reading.start()
            while True:
                heed_cancel()
                lost = await reading.given_up()
                for partition in dict.fromkeys(stream.partition for stream in lost):
                    await groups[partition].restore()
                for stream in lost:
                    await reading.begin(stream)
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _hand_over(self, queue: str, batch: Sequence[tuple[str, bytes]]) -> None:
        for message_id, data in batch:
            await self._worker.accept(queue, message_id, data)

    def _redeliveries(self, client: AsyncClient) -> Sequence[Redelivery]:
        logs = {log.partition: log for log in self._worker.logs.values()}
        return [
            Redelivery(
                self._worker,
                logs[partition],
                [StreamDeliveries(client, Keys(partition), queue, self._consumer) for queue in self._queues],
            )
            for partition in self._partitions
        ]

    async def _remove_dead(self, client: AsyncClient) -> None:
        """Remove consumers of workers that went without leaving, once nothing is pending for them."""
        lease_ms = self._worker.settings.lease_ms
        while True:
            await self._worker.clock.sleep(lease_ms / 1000)
            for stream in self._streams:
                try:
                    for consumer in await idle_consumers(client, stream.key, _DEAD_AFTER_LEASES * lease_ms):
                        if consumer != self._consumer:
                            await remove_consumer(client, stream.key, consumer)
                except (*UNREACHABLE, RedisError) as error:
                    _log.debug("Consumers of %s were not looked at: %s", stream.key, error)

    async def _leave(self, client: AsyncClient) -> None:
        """Take the own consumer away where nothing is pending for it; others take over what is."""
        for stream in self._streams:
            try:
                await remove_consumer(client, stream.key, self._consumer)
            except (*UNREACHABLE, RedisError) as error:
                _log.debug("Consumer %s of %s stays behind: %s", self._consumer, stream.key, error)


async def _asked(url: str) -> bool:
    """Whether the server belongs to a cluster; waits until it can say."""
    client = connect(url)
    try:
        while True:
            heed_cancel()
            try:
                await client.execute_command("PING")
            except UNREACHABLE as error:
                _log.warning("The work queues' server is away, which is waited out: %s", error)
                await asyncio.sleep(_ASK_AGAIN_S)
            else:
                return await in_cluster(url)
    finally:
        await client.aclose()


__all__ = ["GroupLost", "WorkQueue"]
