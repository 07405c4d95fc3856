"""The work queues as the scheduler's watchdog sees them: which messages they hold, and how one gets there again.

A message is made from its event's entry, exactly as the append script made it.
"""

from collections.abc import Awaitable, Sequence
from typing import Any

from pydantic_core import from_json

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError
from awe.adapters.redis_streams.entries import append_id_of, raw
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.looking import at_once
from awe.adapters.redis_streams.obligations import message
from awe.adapters.redis_streams.scripts import evaluate
from awe.commands.log import LogUnavailable
from awe.commands.queues import Sent
from awe.projections.stored import ColdTier, StoredEntry

_PAGE = 500


class RedisWorkQueues:
    """Implements `awe.commands.queues.WorkQueues` for one partition."""

    def __init__(self, client: AsyncClient, partition: str, cold: ColdTier | None) -> None:
        self._client = client
        self._keys = Keys(partition)
        self._cold = cold

    async def missing(self, queue: str, sent: Sequence[Sent]) -> Sequence[Sent]:
        """Return which of these messages the queue does not hold; see the port."""
        held = await self._held(self._keys.queue(queue))
        return [each for each in sent if each not in held]

    async def send_again(self, queue: str, sent: Sequence[Sent]) -> None:
        """Put messages into the queue that it misses; see the port."""
        (epoch,) = (await self._asked(at_once(self._client, ("HMGET", self._keys.meta, "epoch"))))[0]
        found = [await self._entry(each.n) for each in sent]
        messages = [
            message(queue, entry).data
            for each, entry in zip(sent, found, strict=True)
            if entry is not None and append_id_of(entry) == each.append_id
        ]
        if messages:
            keys = (self._keys.meta, self._keys.queue(queue))
            await self._asked(evaluate(self._client, "resend", 2, *keys, epoch, *messages))

    async def _held(self, key: str) -> set[Sent]:
        held: set[Sent] = set()
        start = "-"
        while True:
            page = await self._asked(self._client.execute_command("XRANGE", key, start, "+", "COUNT", _PAGE))
            for message_id, fields in page:
                said = from_json(fields[1])
                held.add(Sent(said["n"], said["append"]))
                start = f"({message_id.decode()}"
            if len(page) < _PAGE:
                return held

    async def _entry(self, n: int) -> StoredEntry | None:
        place = f"{n}-0"
        found = await self._asked(
            self._client.execute_command("XRANGE", self._keys.log, place, place, "COUNT", 1)
        )
        if found:
            return raw(found[0])
        archived = () if self._cold is None else await self._cold.entries(self._keys.partition, n - 1, 1)
        return archived[0] if archived and archived[0].n == n else None

    async def _asked(self, call: Awaitable[Any]) -> Any:
        try:
            reply = await call
        except (*UNREACHABLE, RedisError) as error:
            raise LogUnavailable(f"Partition {self._keys.partition} cannot be asked now: {error}") from error
        heed_cancel()
        return reply
