"""One blocked read for all streams of a server, whoever waits for them.

A stream is in a call only while somebody waits for it, so what was delivered is taken before more is (I17). Who comes
while a call is blocked looks without blocking; only when nothing is there, the blocked call is let go, and the next
one takes that stream along. What is delivered for a stream whose reader went meanwhile stays pending (I14).
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from redis.exceptions import ResponseError

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.line import Line, line
from awe.adapters.work_queue.patience import Patience, group_is_gone

BLOCK_MS: Final = 1_000
"""How long a read blocks at most; less than a connection waits for an answer."""

Entries = Sequence[Any]
"""Messages as the server sends them: pairs of an id and a flat list of fields and values."""

_Answers = Mapping[str, Entries | ResponseError]

_UNKNOWN: Final = 0
"""The id of no connection."""


class Reader(NamedTuple):
    """Who reads, and how many messages of a stream at once."""

    group: str
    consumer: str
    most: int

    def command(self, streams: Collection[str], *, block_ms: int = 0) -> Sequence[Any]:
        """Ask for new messages of streams; without a time to block, for those that are there."""
        head = ("XREADGROUP", "GROUP", self.group, self.consumer, "COUNT", self.most)
        block = ("BLOCK", block_ms) if block_ms else ()
        return (*head, *block, "STREAMS", *streams, *(">" for _ in streams))


class _Blocked:
    """The streams of a call that may be blocked."""

    def __init__(self, streams: Collection[str]) -> None:
        self.streams = streams
        self.over = asyncio.Event()


class SharedRead:
    """Reads the streams of one server, which is no cluster's; implements `awe.adapters.work_queue.reads.Reads`."""

    def __init__(self, client: AsyncClient, reader: Reader) -> None:
        self._reader = reader
        self._patience = Patience()
        self._line, self._side_line = line(client), line(client)
        self._waiting: dict[str, asyncio.Future[Entries]] = {}
        self._blocked: _Blocked | None = None
        self._looked_at: Collection[str] = ()
        self._id: int | None = None
        """The blocking connection's, which is asked for after each failure."""
        self._reading: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._closing = False

    async def read(self, stream: str) -> Entries:
        """Wait for a stream's next messages; see the port."""
        future: asyncio.Future[Entries] = asyncio.get_running_loop().create_future()
        self._waiting[stream] = future
        self._begin()
        try:
            return await future
        finally:
            if self._waiting.get(stream) is future:
                del self._waiting[stream]

    async def aclose(self) -> None:
        """Stop reading; see the port."""
        self._closing = True
        tasks = [task for task in (self._reading, self._looking) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._line.aclose()
        await self._side_line.aclose()

    def _begin(self) -> None:
        """Let somebody read for who waits."""
        if self._closing:
            return
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read())
        elif self._blocked is not None and self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _read(self) -> None:
        try:
            while streams := self._waiting.keys() - self._looked_at:
                heed_cancel()
                if self._id is None:
                    (told,) = await self._line.send([("CLIENT", "ID")])
                    self._id = told if isinstance(told, int) else _UNKNOWN
                else:
                    await self._hand_out(await self._news(streams))
        except Exception as error:  # noqa: BLE001 (who waits hears of it, and asks again)
            self._fail(error)
        finally:
            self._reading = None

    async def _news(self, streams: Collection[str]) -> _Answers:
        """What comes first in any of these; empty when nothing does for a while."""
        blocked = self._blocked = _Blocked(streams)
        try:
            return await self._asked(self._line, streams, BLOCK_MS)
        finally:
            self._blocked = None
            blocked.over.set()

    async def _look(self) -> None:
        """Read for those who came too late for the blocked call, and let it go when there is nothing for them."""
        try:
            await asyncio.sleep(0)  # others may come
            while self._blocked is not None and (late := self._waiting.keys() - self._blocked.streams):
                heed_cancel()
                self._looked_at = late
                answers = await self._asked(self._side_line, late)
                self._looked_at = ()
                await self._hand_out(answers)
                if len(answers) < len(late):
                    await self._let_go()
        except Exception as error:  # noqa: BLE001 (as above)
            self._fail(error)
        finally:
            self._looked_at = ()
            self._looking = None
            if self._waiting and self._reading is None:
                self._begin()

    async def _let_go(self) -> None:
        """End the blocked call."""
        blocked = self._blocked
        if blocked is None:
            return
        released: Any = 0
        while released == 0 and self._id and not blocked.over.is_set():  # it may not be there yet
            (released,) = await self._side_line.send([("CLIENT", "UNBLOCK", self._id)])
        await blocked.over.wait()

    async def _asked(self, through: Line, streams: Collection[str], block_ms: int = 0) -> _Answers:
        """What there is in streams, by stream, and instead of it the error where the group is gone."""
        (reply,) = await through.send([self._reader.command(streams, block_ms=block_ms)])
        if group_is_gone(reply):  # of one of them: none was read
            return await self._asked_alone(through, streams)
        if isinstance(reply, Exception):
            self._id = None
            await self._patience.wait(reply)
            return {}
        self._patience.answered()
        return {key.decode(): entries for key, entries in reply or ()}

    async def _asked_alone(self, through: Line, streams: Collection[str]) -> _Answers:
        replies = await through.send([self._reader.command((stream,)) for stream in streams])
        answers: dict[str, Entries | ResponseError] = {}
        for stream, reply in zip(streams, replies, strict=True):
            if group_is_gone(reply):
                answers[stream] = reply
            elif reply and not isinstance(reply, Exception):
                answers[stream] = reply[0][1]
        return answers

    async def _hand_out(self, answers: _Answers) -> None:
        for stream, answer in answers.items():
            future = self._waiting.pop(stream, None)
            if future is None or future.done():
                continue
            if isinstance(answer, ResponseError):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        await asyncio.sleep(0)  # who takes a batch at once is in the next call

    def _fail(self, error: Exception) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error)
