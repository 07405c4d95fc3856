"""Ctrl-C while a run is followed: once asks to cancel the run, twice leaves it to others."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager


@contextmanager
def interrupts(cancel: Callable[[], Awaitable[None]]) -> Generator[asyncio.Event]:
    """The event is set when the user leaves; `cancel` is awaited beside the block at the first interrupt."""
    loop, left = asyncio.get_running_loop(), asyncio.Event()
    cancelling: set[asyncio.Future[None]] = set()

    def interrupted() -> None:
        if cancelling:
            left.set()
        else:
            cancelling.add(asyncio.ensure_future(cancel()))

    def terminated() -> None:
        left.set()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    loop.add_signal_handler(signal.SIGTERM, terminated)
    try:
        yield left
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)
        for task in cancelling:
            task.cancel()
