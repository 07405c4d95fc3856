"""How a process is asked to stop: the first signal asks, the second insists."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_asked() -> Generator[asyncio.Event]:
    """An event that is set at the first SIGINT or SIGTERM; after that, either has its usual effect again."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def ask() -> None:
        asked.set()
        forget()

    def forget() -> None:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)

    for each in _SIGNALS:
        loop.add_signal_handler(each, ask)
    try:
        yield asked
    finally:
        forget()
