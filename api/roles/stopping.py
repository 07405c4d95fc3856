"""How a process is asked to stop: the first signal asks, the second insists."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager

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


async def entered(
    held: AsyncExitStack, context: AbstractAsyncContextManager[object], stop: asyncio.Event
) -> bool:
    """Enter a context, however long that takes; False when the process is asked to stop before."""
    patience = asyncio.timeout(None)
    try:
        async with patience:
            ending = asyncio.create_task(_end(patience, stop))
            try:
                await held.enter_async_context(context)
            finally:
                ending.cancel()
    except TimeoutError:
        if patience.expired():
            return False
        raise
    return True


async def _end(patience: asyncio.Timeout, stop: asyncio.Event) -> None:
    await stop.wait()
    patience.reschedule(asyncio.get_running_loop().time())
