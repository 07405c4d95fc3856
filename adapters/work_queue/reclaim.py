"""What a stream knows of its deliveries: `awe.commands.worker.redelivery.Deliveries` on Redis Streams."""

from collections.abc import Sequence
from typing import Any, Final

from redis.exceptions import ResponseError

from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError, connect
from awe.adapters.redis_streams.keys import GROUP, Keys
from awe.commands.log import LogUnavailable
from awe.commands.worker.redelivery import Delivery

_PER_PAGE: Final = 100


def queue_client(url: str, *, cluster: bool = False) -> AsyncClient:
    """A client that keeps what the server says of deliveries as it was sent."""
    client = connect(url, cluster=cluster)
    for command in ("XPENDING", "XCLAIM"):
        client.set_response_callback(command, _as_sent)
    return client


def _as_sent(reply: Any, **_options: Any) -> Any:
    return reply


class StreamDeliveries:
    """The deliveries of one queue in one partition."""

    def __init__(self, client: AsyncClient, keys: Keys, queue: str, consumer: str) -> None:
        self._client = client
        self._partition = keys.partition
        self._stream = keys.queue(queue)
        self.queue = queue
        self.consumer = consumer

    async def forgotten(self, idle_ms: int) -> Sequence[Delivery]:
        """Return deliveries that are at least that old; see the port."""
        found: list[Delivery] = []
        start = "-"
        while True:
            page = await self._ask("XPENDING", self._stream, GROUP, "IDLE", idle_ms, start, "+", _PER_PAGE)
            for message_id, consumer, idle, count in page or ():
                data = await self._data(message_id)
                if data is not None:
                    found.append(
                        Delivery(message_id.decode(), consumer.decode(), int(idle), int(count), data)
                    )
                start = f"({message_id.decode()}"
            if len(page or ()) < _PER_PAGE:
                return found

    async def take(self, delivery: Delivery, idle_ms: int) -> bool:
        """Take a delivery over; see the port."""
        return bool(
            await self._ask("XCLAIM", self._stream, GROUP, self.consumer, idle_ms, delivery.message_id)
        )

    async def _data(self, message_id: bytes) -> bytes | None:
        """What a message says, if it is still there."""
        entries = await self._ask("XRANGE", self._stream, message_id, message_id)
        if not entries:
            return None
        fields = entries[0][1]
        told = dict(zip(fields[::2], fields[1::2], strict=True))
        return told.get(b"__data__")

    async def _ask(self, *command: Any) -> Any:
        try:
            return await self._client.execute_command(*command)
        except ResponseError as error:
            if "NOGROUP" in str(error):  # whoever reads finds out why
                return None
            raise LogUnavailable(f"Partition {self._partition} cannot be asked now: {error}") from error
        except (*UNREACHABLE, RedisError) as error:
            raise LogUnavailable(f"Partition {self._partition} cannot be asked now: {error}") from error
