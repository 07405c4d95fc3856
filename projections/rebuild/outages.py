"""Work that can be begun again at any time goes on after an outage of Postgres, for as long as its patience lasts."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeVar

from awe.projections.errors import ArchiveUnavailable

T = TypeVar("T")

PATIENCE_S: Final = 60.0
_PAUSE_S: Final = 0.5
_WORKED_S: Final = 5.0


async def through_outages(
    work: Callable[[], Awaitable[T]], note: Callable[[str], None], *, patience_s: float = PATIENCE_S
) -> T:
    """Do the work, and begin it again when Postgres was away.

    Raises:
        ArchiveUnavailable: it stayed away.
    """
    since_s: float | None = None
    while True:
        begun_s = monotonic()
        try:
            return await work()
        except ArchiveUnavailable as error:
            ended_s = monotonic()
            if since_s is None or ended_s - begun_s > _WORKED_S:
                since_s = ended_s
                note(f"waits for Postgres: {error}")
            if ended_s - since_s >= patience_s:
                raise
        await asyncio.sleep(_PAUSE_S)
