"""What waits for one subscriber: bounded, so that a slow client costs itself its place and nobody else anything."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Batches in order, until one finds no room: from then on there is nothing but `overflowed`."""

    def __init__(self, most: int) -> None:
        """``most`` items wait at a time."""
        self._most = most
        self._batches: deque[tuple[int, T]] = deque()
        self._waiting = 0
        self._news = asyncio.Event()
        self.overflowed = False
        self.closed = False

    def put(self, batch: T, size: int = 1) -> None:
        """Hand over a batch of so many items."""
        if self.overflowed or self.closed:
            return
        if self._waiting and self._waiting + size > self._most:
            self.overflowed = True
            self._batches.clear()
        else:
            self._waiting += size
            self._batches.append((size, batch))
        self._news.set()

    def close(self) -> None:
        """Nothing more comes; what waits is still taken."""
        self.closed = True
        self._news.set()

    async def take(self) -> Sequence[T]:
        """Wait for the next batches; empty when it overflowed or was closed and is empty."""
        while not self._batches and not self.overflowed and not self.closed:
            self._news.clear()
            await self._news.wait()
        taken = [batch for _, batch in self._batches]
        self._batches.clear()
        self._waiting = 0
        return taken
