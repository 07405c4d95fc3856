"""The port of time. Durable times are the log's own; a process measures waits by a clock that nobody sets (I10)."""

from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """Unix time in milliseconds, for durable times: it may be set, and differ from the log's by the skew."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, for waits and limits inside this process."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait by the monotonic clock."""
        ...
