"""The consumer group of each work queue begins at the first message, and is made by us: a library's would begin now.

A group may be lost with its partition, and then comes again once with the healing. One that is gone though nothing was
healed was taken away by somebody, with whatever was pending in it: that is not repaired silently.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from redis.exceptions import ResponseError

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient
from awe.adapters.redis_streams.keys import GROUP, Keys

_PAUSE_S: Final = 0.5

_log = logging.getLogger(__name__)


class GroupLost(Exception):  # noqa: N818 (named for the fact)
    """The consumer group of a queue is gone though its partition was not healed: deliveries may be lost with it."""


class Groups:
    """The groups of one partition's queues."""

    def __init__(self, client: AsyncClient, partition: str, queues: Sequence[str]) -> None:
        self._client = client
        self._keys = Keys(partition)
        self._queues = queues
        self._epoch = 0

    async def ensure(self) -> None:
        """Make the groups that are not there; outages are waited out."""
        while True:
            heed_cancel()
            try:
                self._epoch, _ = await self._seen()
                for queue in self._queues:
                    await self._create(self._keys.queue(queue))
            except UNREACHABLE as error:
                _log.warning("Partition %s cannot be asked now: %s", self._keys.partition, error)
                await asyncio.sleep(_PAUSE_S)
            else:
                return

    async def restore(self) -> None:
        """Make the groups again after a healing.

        Raises:
            GroupLost: there was none.
        """
        while True:
            heed_cancel()
            try:
                epoch, is_open = await self._seen()
            except UNREACHABLE:
                await asyncio.sleep(_PAUSE_S)
                continue
            if epoch > self._epoch:
                await self.ensure()
                return
            if is_open:
                raise GroupLost(
                    f"A consumer group {GROUP!r} of partition {self._keys.partition} is gone, and nothing was "
                    "healed: see who removed it or its stream, then start the worker again."
                )
            await asyncio.sleep(_PAUSE_S)

    async def _seen(self) -> tuple[int, bool]:
        epoch, state = await self._client.execute_command("HMGET", self._keys.meta, "epoch", "state")
        return int(epoch or 0), state == b"open"

    async def _create(self, stream: str) -> None:
        try:
            await self._client.execute_command("XGROUP CREATE", stream, GROUP, "0", "MKSTREAM")
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
