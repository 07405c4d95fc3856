"""New entries of a server's partitions as they come: one blocked read for everybody who follows any of them.

An entry counts as read in an epoch when the epoch is seen unchanged behind it: epochs only rise, and nothing is appended
between a loss and the epoch that follows it. What is not seen here (a loss, a hole, entries that are only in the
archive) breaks the stream: its followers read in the ordinary way and come back.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError, spreads
from awe.adapters.redis_streams.entries import raw, recorded
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.line import line
from awe.commands.log import EVENTS_PER_CALL, LogCorrupt, Position, RecordedEvent

BLOCK_MS: Final = 300
"""How long a read blocks at most, and so how late a loss is noticed where nothing is appended."""

MOST_BEHIND: Final = 4_000
"""A follower that leaves more events than this untaken reads them itself, later."""

_TRIES: Final = 10

_log = logging.getLogger(__name__)


class Follower:
    """One place at the tail of a partition."""

    def __init__(self, after: int, missed: Sequence[RecordedEvent] = ()) -> None:
        self._after = after
        self._events = [event for event in missed if event.n > after]
        self._over = False
        self._waiting: asyncio.Future[None] | None = None

    async def events(self) -> Sequence[RecordedEvent]:
        """Wait for the next events, which follow the ones before without a gap; empty when they end here."""
        while not self._events and not self._over:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        taken, self._events = self._events, []
        return taken

    def push(self, events: Sequence[RecordedEvent]) -> bool:
        """Hand over the stream's next events; whether the follower keeps up."""
        if self._over or len(self._events) > MOST_BEHIND:
            self.end()
            return False
        if events[0].n <= self._after:
            events = [event for event in events if event.n > self._after]
        self._events.extend(events)
        if events:
            self._wake()
        return True

    def end(self) -> None:
        """Nothing more comes here."""
        self._over = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class _Stream:
    """One partition that somebody follows, read up to `n` in `epoch`."""

    def __init__(self, keys: Keys, at: Position) -> None:
        self.keys = keys
        self.n = at.n
        self.epoch = at.epoch
        self.promised = at.n
        """What the partition said to have, when it was last asked."""
        self.recent: Sequence[RecordedEvent] = ()
        self.followers: set[Follower] = set()

    def join(self, after: int) -> Follower | None:
        """Take a follower in, unless what it misses is no longer here."""
        if after < self.n and not (self.recent and self.recent[0].n <= after + 1):
            return None
        follower = Follower(after, self.recent)
        self.followers.add(follower)
        return follower

    def take(self, entries: Sequence[Any], epoch: int, n: int) -> bool:
        """Hand on what was read; False when this is no continuation of what was read before."""
        if epoch != self.epoch or n < self.n:
            return False
        if not entries:
            missing, self.promised = self.promised > self.n, n
            return not missing
        events = [recorded(raw(entry)) for entry in entries]
        if events[0].n != self.n + 1:
            return False
        self.n, self.promised, self.recent = events[-1].n, n, events
        self.followers = {each for each in self.followers if each.push(events)}
        return True

    def end(self) -> None:
        for follower in self.followers:
            follower.end()
        self.followers.clear()


class Tail:
    """The tail of one server's partitions; in a cluster that of one partition."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._line = line(client)
        self._in_order = not spreads(client)
        self._streams: dict[str, _Stream] = {}
        self._reading: asyncio.Task[None] | None = None
        self._unblocking: asyncio.Task[None] | None = None
        self._id: int | None = None
        """The connection's, while a read of it may be blocked."""
        self._closing = False  # a library may swallow a cancellation

    def follow(self, keys: Keys, after: Position) -> Follower | None:
        """Join the tail behind a position that was just read; None when more must be read first."""
        stream = self._streams.get(keys.partition)
        if stream is not None and stream.epoch < after.epoch:
            stream.end()
            stream = None
        if stream is None:
            stream = self._streams[keys.partition] = _Stream(keys, after)
            self._interrupt()
        follower = stream.join(after.n) if stream.epoch == after.epoch else None
        if self._reading is None and not self._closing:
            self._reading = asyncio.get_running_loop().create_task(self._read(), name="tail")
        return follower

    def leave(self, keys: Keys, follower: Follower) -> None:
        """Nobody takes this follower's events any more."""
        stream = self._streams.get(keys.partition)
        if stream is not None:
            stream.followers.discard(follower)

    async def aclose(self) -> None:
        """Stop reading; followers end."""
        self._closing = True
        tasks = [task for task in (self._reading, self._unblocking) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._line.aclose()

    async def _read(self) -> None:
        try:
            if self._in_order:
                (self._id,) = await self._asked([("CLIENT", "ID")])
            while self._streams and not self._closing:
                heed_cancel()
                streams = tuple(self._streams.values())
                entries, said = await self._news(streams)
                for stream, (epoch, n) in zip(streams, said, strict=True):
                    found = entries.get(stream.keys.log.encode(), ())
                    if not stream.take(found, int(epoch or 0), int(n or 0)) or not stream.followers:
                        self._drop(stream)
        except (*UNREACHABLE, RedisError, LogCorrupt) as error:
            _log.debug("The tail is read again when it is asked for: %s", error)
        finally:
            self._id = self._reading = None
            for stream in tuple(self._streams.values()):
                self._drop(stream)

    async def _news(self, streams: Sequence[_Stream]) -> tuple[Mapping[bytes, Sequence[Any]], Sequence[Any]]:
        """What came in any stream, by key, and what each partition said behind it of its epoch and last position."""
        wait = ("XREAD", "COUNT", EVENTS_PER_CALL, "BLOCK", BLOCK_MS, "STREAMS")
        read = (*wait, *(each.keys.log for each in streams), *(f"{each.n}-0" for each in streams))
        said = [("HMGET", each.keys.meta, "epoch", "n") for each in streams]
        if self._in_order:
            found, *rest = await self._asked([read, *said])
        else:
            (found,) = await self._asked([read])
            rest = await self._asked(said)
        return dict(found or ()), rest

    async def _asked(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        replies = await self._line.send(commands)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return replies

    def _drop(self, stream: _Stream) -> None:
        stream.end()
        if self._streams.get(stream.keys.partition) is stream:
            del self._streams[stream.keys.partition]

    def _interrupt(self) -> None:
        """Let a blocked read answer, so that the next one takes a new stream along."""
        if self._id is not None:
            self._unblocking = asyncio.get_running_loop().create_task(self._unblock(self._id))

    async def _unblock(self, connection: int) -> None:
        try:
            for _ in range(_TRIES):
                if self._id != connection or await self._client.execute_command("CLIENT UNBLOCK", connection):
                    return
                await asyncio.sleep(0.001)  # the read was sent, and does not block yet
        except (*UNREACHABLE, RedisError) as error:
            _log.debug("A new stream waits for the end of a blocked read: %s", error)
