"""FastStream in its lean form: batches, no injection, no parsing of what the worker parses itself.

A handler argument that is injected costs a thread hop for each call and lets the loop turn between two messages, which
destroys the coalescing of appends; so there is one plain argument, pairs of entry id and message. And where FastStream
asks its client for a stream's messages, one read for all streams answers.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self, cast

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from awe.adapters.left_out import left_out
from awe.adapters.redis_streams.connection import SOCKET_TIMEOUT_S, UNREACHABLE, connect
from awe.adapters.redis_streams.keys import GROUP, Keys
from awe.adapters.work_queue.patience import patiently
from awe.adapters.work_queue.reads import reads
from awe.adapters.work_queue.shared_read import Entries, Reader

# 3 MiB, for an application that nobody serves and models that nobody sends.
with left_out("uvicorn", "msgspec"):
    from faststream import AckPolicy
    from faststream.redis import RedisBroker, RedisClusterBroker, StreamSub
    from faststream.redis.message import RedisBatchStreamMessage

_AGAIN_S: Final = 0.3
_DATA: Final = b"__data__"

Handle = Callable[[str, Sequence[tuple[str, bytes]]], Awaitable[None]]
"""Takes a batch of a queue: pairs of message id and data."""

_log = logging.getLogger(__name__)


class Stream(NamedTuple):
    """One partition's part of a work queue."""

    partition: str
    queue: str

    @property
    def key(self) -> str:
        """The stream's key."""
        return Keys(self.partition).queue(self.queue)


class Reading:
    """Reads streams and hands batches over; each stream is read again only when its batch was taken."""

    def __init__(
        self,
        url: str,
        streams: Sequence[Stream],
        *,
        cluster: bool = False,
        consumer: str,
        max_records: int,
        handle: Handle,
    ) -> None:
        self._stopped = asyncio.Event()
        self._client = connect(url, cluster=cluster)
        self._reads = reads(self._client, Reader(GROUP, consumer, max_records))
        broker = RedisClusterBroker if cluster else RedisBroker
        self._broker = broker(
            url,
            apply_types=False,
            logger=_log,
            log_level=logging.DEBUG,
            graceful_timeout=None,
            socket_timeout=SOCKET_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._broker.context.set_global("app", self)
        self._subscribers = {stream: self._subscribe(stream, consumer, handle) for stream in streams}

    def exit(self) -> None:
        """FastStream calls this on its application when it gave a stream up."""
        self._stopped.set()

    async def start(self) -> None:
        """Begin to read; outages are waited out."""
        client: Any = await self._broker.connect()
        ping = client.ping
        client.ping = lambda: patiently(ping)
        client.xreadgroup = self._read
        await client.ping()
        for stream in self._subscribers:
            await self.begin(stream)

    async def begin(self, stream: Stream) -> None:
        """Begin to read one stream, or begin again."""
        subscriber = self._subscribers[stream]
        while True:
            try:
                await subscriber.start()
            except (TimeoutError, *UNREACHABLE) as error:  # it went away again
                _log.warning("Stream %s is not read yet: %s", stream.key, error)
                await subscriber.stop()
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    async def given_up(self) -> Sequence[Stream]:
        """Wait until FastStream gives streams up, since their group is gone."""
        await self._stopped.wait()
        self._stopped.clear()
        return [stream for stream, subscriber in self._subscribers.items() if not subscriber.running]

    async def aclose(self) -> None:
        """Stop reading at once; what was delivered and not taken stays pending."""
        await self._reads.aclose()
        tasks = [task for subscriber in self._subscribers.values() for task in subscriber.tasks]
        await self._broker.stop()
        if tasks:
            await asyncio.wait(tasks)
        await self._client.aclose()

    async def _read(self, *, streams: Mapping[str, str], **_: Any) -> Sequence[tuple[bytes, Entries]]:
        """Take the place of the client's command: all that FastStream adds to it is the stream."""
        (stream,) = streams
        return [(stream.encode(), await self._reads.read(stream))]

    def _subscribe(self, stream: Stream, consumer: str, handle: Handle) -> Any:
        subscriber = self._broker.subscriber(
            stream=_Whole(stream.key, group=GROUP, consumer=consumer, batch=True),
            parser=_unparsed,
            decoder=_pairs,
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
        )

        async def take(batch: list[tuple[str, bytes]]) -> None:
            await handle(stream.queue, batch)

        subscriber(take)
        return subscriber


class _Whole(StreamSub):
    """A stream whose name is complete: FastStream copies it deeply for a prefix, several times for each batch."""

    __slots__ = ()

    def add_prefix(self, prefix: str) -> Self:  # noqa: ARG002 (our broker has none)
        """Return this stream."""
        return self


async def _unparsed(message: Any) -> RedisBatchStreamMessage:
    """Wrap a batch; it is its own id, or FastStream makes up another one."""
    no_consumer = cast("Any", None)
    return RedisBatchStreamMessage(
        message, b"", consumer=no_consumer, group=GROUP, message_id="-", correlation_id="-"
    )


async def _pairs(message: RedisBatchStreamMessage) -> list[tuple[str, bytes]]:
    raw = message.raw_message
    return [
        (message_id.decode(), fields[1] if fields[0] == _DATA else b"")
        for message_id, fields in zip(raw["message_ids"], cast("Any", raw["data"]), strict=True)
    ]
