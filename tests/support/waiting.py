"""Tests wait for conditions, never for a time; without progress they give up."""

import asyncio
from collections.abc import Awaitable, Callable

NO_PROGRESS_S = 60.0


async def until(holds: Callable[[], bool], *, within_s: float = NO_PROGRESS_S) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it did not in time.
    """
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 (any condition, of another process too)
            await asyncio.sleep(0.002)


async def until_async(holds: Callable[[], Awaitable[bool]], *, within_s: float = NO_PROGRESS_S) -> None:
    """Wait until a condition holds that must be asked for.

    Raises:
        TimeoutError: it did not in time.
    """
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 (any condition, of another process too)
            await asyncio.sleep(0.002)
