"""Time comes in from outside, so that a simulation can own it."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for stamps, and waiting; a virtual one may let hours pass in no time."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970; it may go back, as server clocks do."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class SystemClock:
    """The machine's own time."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
