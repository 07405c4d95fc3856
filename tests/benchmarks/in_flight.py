"""Closed-loop load: so many callers, each with one call under way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

Call = Callable[[], Awaitable[object]]


async def in_flight(callers: Sequence[Call], count: int) -> int:
    """Make `count` calls in all, each caller one after another; returns `count`."""
    left = iter(range(count))

    async def keep_calling(call: Call) -> None:
        for _ in left:
            await call()

    async with asyncio.TaskGroup() as group:
        for call in callers:
            group.create_task(keep_calling(call))
    return count
