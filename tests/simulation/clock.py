"""A process' clock: the loop's time, off by the process' own skew."""

import asyncio
from typing import Final

START_MS: Final = 1_800_000_000_000


class SkewedClock:
    """Implements `awe.commands.clock.Clock`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, off_ms: int = 0, started_s: float = 0.0) -> None:
        self._loop = loop
        self._off_ms = off_ms
        self._started_s = started_s

    def now_ms(self) -> int:
        return START_MS + self._off_ms + int(self._loop.time() * 1000 + 0.001)

    def monotonic(self) -> float:
        return self._loop.time() + self._started_s

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))
