"""Concurrent appends of one process share round trips and fsyncs; each gets its own outcome.

While a call is in flight further units gather, and the next call takes them together: no timer, so a lone append
waits for nothing. The calls of all partitions of a server go out in one pipeline. A unit whose answer was lost is
*unknown*: it is sent again, unchanged, until it is answered, over outages and restarts, also when its caller is gone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from redis.exceptions import NoScriptError, RedisError

from awe.adapters.redis_streams.append_script import Call, Closed, Cold, Told
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.lane import Lane, Pending
from awe.adapters.redis_streams.line import line
from awe.adapters.redis_streams.scripts import digest, source
from awe.commands.log import Appended, LogCorrupt, LogError, LogUnavailable, Outcome, Unit, UnitTooLarge
from awe.commands.unit_caps import check

Warm = Callable[[Keys, str], Awaitable[int | None]]
"""Brings back the index of a cold run, or returns up to which position the archive has no event of it."""

Timed = Callable[[Keys, Appended], Awaitable[Appended]]
"""Completes the first result of a repeated unit whose entry is only in the archive."""

Orphaned = Callable[[Unit, Outcome], None]
"""Hears the outcome of a unit whose caller was cancelled after it was sent: a claim that nobody wants."""

_Sending = tuple[Lane, Call, list[Pending]]


class GroupCommit:
    """Sends the appends of this process to one server."""

    def __init__(
        self, client: AsyncClient, warm: Warm, timed: Timed, orphaned: Orphaned | None = None
    ) -> None:
        self._line = line(client)
        self._warm = warm
        self._timed = timed
        self._orphaned = orphaned
        self._lanes: dict[str, Lane] = {}
        self._sha = digest("append")
        self._more = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._closing = False  # a library may swallow a cancellation, so the loops look here too

    def append(self, keys: Keys, unit: Unit) -> asyncio.Future[Outcome]:
        """Send a unit and return what will be its outcome: no coroutine, since appends are what a process does most.

        The future raises:
            UnitTooLarge: nothing was sent.
            LogCorrupt: the partition is halted.
            LogUnavailable: the log was closed meanwhile; the outcome is unknown.
        """
        try:
            size = check(unit)
        except UnitTooLarge as error:
            refused: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            refused.set_exception(error)
            return refused
        lane = self._lanes.get(keys.partition)
        if lane is None:
            lane = self._lanes[keys.partition] = Lane(keys)
        future = lane.add(unit, size)
        self._wake()
        return future

    async def aclose(self) -> None:
        """Stop sending; callers that still wait get ``LogUnavailable``."""
        self._closing = True
        tasks = [*self._beside, *([self._sender] if self._sender is not None else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._line.aclose()
        self._fail(_closed())

    def _wake(self) -> None:
        if self._sender is None:
            self._sender = asyncio.get_running_loop().create_task(self._send_all(), name="group-commit")
        else:
            self._more.set()

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while not self._closing and any(lane.waiting for lane in self._lanes.values()):
                self._more.clear()
                now = loop.time()
                batch = [taken for lane in self._lanes.values() if (taken := lane.take(now)) is not None]
                if batch:
                    await self._send(batch)
                    if any(lane.waiting for lane in self._lanes.values()):
                        await asyncio.sleep(0)  # the callers just answered send their next units along
                else:
                    await self._pause(
                        min((lane.not_before for lane in self._lanes.values() if lane.waiting), default=now)
                        - now
                    )
        except Exception as error:
            self._fail(error)
            raise
        finally:
            self._sender = None

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._more.wait()
            except TimeoutError:
                return

    async def _send(self, batch: Sequence[_Sending]) -> None:
        now = asyncio.get_running_loop().time()
        unsettled = list(batch)
        try:
            replies = await self._evaluate([call for _, call, _ in batch])
            for (lane, call, taken), reply in zip(batch, replies, strict=True):
                self._settle(lane, call, taken, reply)
                unsettled.pop(0)
        except BaseException:  # whatever it is, no caller may wait for an answer that was taken for settled
            for lane, _, taken in unsettled:
                lane.put_back([each for each in taken if not each.future.done()], now, unknown=True)
            raise

    async def _evaluate(self, calls: Sequence[Call]) -> list[Any]:
        """Return each call's reply, or the error that took its place."""
        commands = [call.arguments() for call in calls]
        replies = await self._line.send([("EVALSHA", self._sha, *command) for command in commands])
        for place, reply in enumerate(replies):
            if isinstance(reply, NoScriptError):
                replies[place] = (await self._line.send([("EVAL", source("append"), *commands[place])]))[0]
        return replies

    def _settle(self, lane: Lane, call: Call, taken: Sequence[Pending], reply: Any) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(reply, UNREACHABLE):
            lane.put_back(taken, now, unknown=True)
            return
        told: Sequence[Told]
        if isinstance(reply, RedisError):
            refused = LogCorrupt(f"Partition {call.partition} refused the append script: {reply}")
            told = [refused] * len(taken)
        else:
            told = call.outcomes(reply)
            lane.archived = max(lane.archived, call.archived(reply))
        unread: list[Pending] = []
        for pending, outcome in zip(taken, told, strict=True):
            if isinstance(outcome, Closed):
                unread.append(pending)
            else:
                self._tell(lane, pending, outcome)
        if len(unread) < len(taken):
            lane.answered()
        if unread:
            lane.put_back(unread, now, unknown=False)

    def _tell(self, lane: Lane, pending: Pending, outcome: Outcome | Cold | LogCorrupt) -> None:
        if isinstance(outcome, Cold):
            self._own(self._rewarm(lane, pending))
        elif isinstance(outcome, Appended) and outcome.repeated and outcome.count and not outcome.time_ms:
            self._own(self._complete(lane.keys, pending, outcome))
        elif isinstance(outcome, LogCorrupt):
            if not pending.future.done():
                pending.future.set_exception(outcome)
        else:
            self._answer(pending, outcome)

    def _answer(self, pending: Pending, outcome: Outcome) -> None:
        if not pending.future.done():
            pending.future.set_result(outcome)
        elif self._orphaned is not None:
            self._orphaned(pending.unit, outcome)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _complete(self, keys: Keys, pending: Pending, outcome: Appended) -> None:
        try:
            completed = await self._timed(keys, outcome)
        except LogError as error:
            if not pending.future.done():
                pending.future.set_exception(error)
        except asyncio.CancelledError:
            if not pending.future.done():
                pending.future.set_exception(_closed())
            raise
        else:
            self._answer(pending, completed)

    async def _rewarm(self, lane: Lane, pending: Pending) -> None:
        wait_s = 0.02
        while not self._closing:
            try:
                absent_at = await self._warm(lane.keys, pending.unit.run)
            except LogUnavailable:
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 1.0)
            except asyncio.CancelledError:
                lane.waiting.append(pending)
                raise
            except LogError as error:
                if not pending.future.done():
                    pending.future.set_exception(error)
                return
            else:
                if absent_at is not None:
                    pending.absent_at = absent_at
                lane.waiting.appendleft(pending)
                self._wake()
                return
        lane.waiting.append(pending)

    def _fail(self, error: Exception) -> None:
        for lane in self._lanes.values():
            for pending in lane.waiting:
                if not pending.future.done():
                    pending.future.set_exception(error)
            lane.waiting.clear()


def _closed() -> LogUnavailable:
    return LogUnavailable("The log was closed before the append was answered: its outcome is unknown.")
