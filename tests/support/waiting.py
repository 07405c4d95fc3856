"""Tests wait for conditions, never for a time; without progress they give up."""

import asyncio
from collections.abc import Callable

NO_PROGRESS_S = 60.0


async def until(holds: Callable[[], bool], *, within_s: float = NO_PROGRESS_S) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it did not in time.
    """
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 (any condition, of another process too)
            await asyncio.sleep(0.002)
