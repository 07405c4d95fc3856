"""A clock that moves only when it is told to: hours pass in no time, and the same way each time."""

import asyncio
import heapq
from collections.abc import Awaitable
from itertools import count
from typing import TypeVar

T = TypeVar("T")

_TURNS = 20
"""Turns of the event loop after which everybody who can go on without time has done so."""


class VirtualClock:
    """Wall time for stamps, and waiting."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._now_ms = float(now_ms)
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        return int(self._now_ms)

    def monotonic(self) -> float:
        return self._now_ms / 1000

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_ms + seconds * 1000, next(self._order), woken))
        await woken

    async def until(self, done: Awaitable[T]) -> T:
        """Return what an awaitable gives, letting time jump to the next sleeper whenever nobody can go on."""
        task = asyncio.ensure_future(done)
        while True:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            if task.done():
                return task.result()
            self._wake_next()

    def _wake_next(self) -> None:
        assert self._sleepers, "nobody can go on, and nobody waits for time"
        self._now_ms, _, woken = heapq.heappop(self._sleepers)
        if not woken.done():
            woken.set_result(None)
