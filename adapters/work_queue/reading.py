"""FastStream in its lean form: batches, no injection, no parsing of what the worker parses itself.

A handler argument that is injected costs a thread hop for each call and lets the loop turn between two messages, which
destroys the coalescing of appends; so there is one plain argument, pairs of entry id and message.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple, cast

from faststream import AckPolicy
from faststream.redis import RedisBroker, RedisClusterBroker, StreamSub
from faststream.redis.message import RedisBatchStreamMessage
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import SOCKET_TIMEOUT_S, UNREACHABLE
from awe.adapters.redis_streams.keys import GROUP, Keys

POLL_MS: Final = 1_000
_AGAIN_S: Final = 0.3

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
        broker = RedisClusterBroker if cluster else RedisBroker
        self._broker = broker(
            url,
            apply_types=False,
            logger=_log,
            log_level=logging.DEBUG,
            graceful_timeout=None,
            max_connections=len(streams) + 10,
            socket_timeout=SOCKET_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._broker.context.set_global("app", self)
        self._subscribers = {
            stream: self._subscribe(stream, consumer, max_records, handle) for stream in streams
        }

    def exit(self) -> None:
        """FastStream calls this on its application when it gave a stream up."""
        self._stopped.set()

    async def start(self) -> None:
        """Begin to read; outages are waited out."""
        client = await self._broker.connect()
        _make_patient(client)
        await cast("Any", client).ping()
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
        tasks = [task for subscriber in self._subscribers.values() for task in subscriber.tasks]
        await self._broker.stop()
        if tasks:
            await asyncio.wait(tasks)

    def _subscribe(self, stream: Stream, consumer: str, max_records: int, handle: Handle) -> Any:
        subscriber = self._broker.subscriber(
            stream=StreamSub(
                stream.key,
                group=GROUP,
                consumer=consumer,
                batch=True,
                polling_interval=POLL_MS,
                max_records=max_records,
            ),
            parser=_unparsed,
            decoder=_pairs,
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
        )

        async def take(batch: list[tuple[str, bytes]]) -> None:
            await handle(stream.queue, batch)

        subscriber(take)
        return subscriber


async def _unparsed(message: Any) -> RedisBatchStreamMessage:
    return RedisBatchStreamMessage(message, b"", consumer=cast("Any", None), group=GROUP, message_id="-")


async def _pairs(message: RedisBatchStreamMessage) -> list[tuple[str, bytes]]:
    raw = message.raw_message
    ids = raw["message_ids"]
    return [
        (message_id.decode(), fields.get(b"__data__", b""))
        for message_id, fields in zip(ids, raw["data"], strict=True)
    ]


def _make_patient(client: Any) -> None:
    """Let outages be waited out here: FastStream waits long for some faults, and repeats others at once and for ever."""
    client.xreadgroup = _patient(client.xreadgroup)
    client.ping = _patient(client.ping)


def _patient(ask: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def asked(*args: Any, **options: Any) -> Any:
        away = False
        while True:
            heed_cancel()
            try:
                return await ask(*args, **options)
            except (*UNREACHABLE, ResponseError) as error:
                if "NOGROUP" in str(error):
                    raise
                if not away:
                    _log.warning("Work queues cannot be read now, which is waited out: %s", error)
                away = True
                await asyncio.sleep(_AGAIN_S)

    return asked
