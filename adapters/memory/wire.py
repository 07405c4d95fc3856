"""Between a client and its server anything may happen to a request and to its reply; here it is decided what.

A request that was not answered in time is *unknown* to its client, which repeats it; the server may meet a request
never, once, more than once, or long after its client gave up.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from awe.commands.clock import Clock
from awe.commands.log import LogError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one request.

    Attributes:
        arrivals: seconds after which the server gets the request, each time anew; empty: it is lost.
        reply: seconds that the reply to the first of them takes; ``None``: it is lost. The others get none.
    """

    arrivals: tuple[float, ...] = (0.0,)
    reply: float | None = 0.0


GOOD = Fate()
LOST_REQUEST = Fate(arrivals=())
LOST_REPLY = Fate(reply=None)
DUPLICATE = Fate(arrivals=(0.0, 0.0))


class Faults(Protocol):
    """Decides the fate of each request; a simulation's hand."""

    def fate(self, operation: str) -> Fate:
        """Return the fate of the next request; ``operation`` is its kind: append, read, archive, ..."""
        ...


class NoFaults:
    """Every request arrives once and is answered."""

    def fate(self, operation: str) -> Fate:  # noqa: ARG002 (any operation)
        return GOOD


class Unanswered(Exception):  # noqa: N818 (named for the fact)
    """No reply came in time: whether the request was served is unknown."""


class Wire:
    """One client's connection."""

    def __init__(self, clock: Clock, awake: asyncio.Event, faults: Faults, timeout_s: float) -> None:
        """``awake`` is set while the server works; a paused one serves what arrived when it works again."""
        self._clock = clock
        self._awake = awake
        self._faults = faults
        self._timeout_s = timeout_s
        self._under_way: set[asyncio.Task[None]] = set()

    async def call(self, operation: str, serve: Callable[[], T]) -> T:
        """Have a request served, and return the reply.

        Raises:
            Unanswered: none came in time.
        """
        fate = self._faults.fate(operation)
        await asyncio.sleep(0)
        if fate == GOOD and self._awake.is_set():
            reply = serve()
            await asyncio.sleep(0)
            return reply
        return await self._send(fate, serve)

    async def aclose(self) -> None:
        """Let requests and replies that are still under way go."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _send(self, fate: Fate, serve: Callable[[], T]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        for place, delay in enumerate(fate.arrivals):
            self._spawn(self._deliver(delay, None if place else fate.reply, serve, answer))
        timer = self._spawn(self._clock.sleep(self._timeout_s))
        try:
            first: set[asyncio.Future[Any]] = {answer, timer}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise Unanswered
        finally:
            timer.cancel()
            answer.cancel()

    async def _deliver(
        self, delay: float, reply: float | None, serve: Callable[[], T], answer: asyncio.Future[T]
    ) -> None:
        await self._clock.sleep(delay)
        await self._awake.wait()
        try:
            settle = partial(answer.set_result, serve())
        except LogError as error:
            settle = partial(answer.set_exception, error)
        if reply is not None:
            await self._clock.sleep(reply)
            if not answer.done():
                settle()

    def _spawn(self, step: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(step)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task
