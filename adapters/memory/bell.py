"""Wakes those who wait for a partition to change; one that rang before they began to wait is not missed."""

import asyncio


class Bell:
    """Counts its rings, so that a waiter can say which it has heard."""

    def __init__(self) -> None:
        self.rings = 0
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody."""
        self.rings += 1
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    async def past(self, heard: int) -> None:
        """Return as soon as it rang more often than that."""
        while self.rings <= heard:
            await self._next.wait()
