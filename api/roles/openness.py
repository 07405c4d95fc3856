"""Whether partitions take appends. Only a keeper opens them, so who waits for one is told which command starts it."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Final

from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.partition_look import look
from awe.adapters.redis_streams.steps import drive_async
from awe.api.bootstrap import EventStore
from awe.commands.log import LogCorrupt, LogUnavailable

PATIENCE_S: Final = 10.0
_EVERY_S: Final = 0.25
_AGAIN_S: Final = 5.0

_log = logging.getLogger(__name__)


async def ensure_open(store: EventStore, partition: str, *, patience_s: float = PATIENCE_S) -> None:
    """Wait a while for a partition to be opened.

    Raises:
        LogUnavailable: nobody opened it; the message says who does.
    """
    end_s = time.monotonic() + patience_s
    while (why := await _closed(store.client, partition)) is not None:
        if time.monotonic() >= end_s:
            raise LogUnavailable(why)
        await asyncio.sleep(_EVERY_S)


async def tell_while_closed(client: AsyncClient, partitions: Sequence[str]) -> None:
    """Log which partitions are closed, once each time they become so, until cancelled."""
    told: dict[str, str] = {}
    while True:
        for partition in partitions:
            why = await _closed(client, partition)
            if why is None:
                if told.pop(partition, None):
                    _log.warning("partition %s is open", partition)
            elif told.get(partition) != why:
                told[partition] = why
                _log.warning("%s", why)
        await asyncio.sleep(_AGAIN_S)


async def _closed(client: AsyncClient, partition: str) -> str | None:
    """Why a partition takes no appends, or None when it does."""
    try:
        found = await drive_async(client, look(Keys(partition)))
    except (LogUnavailable, LogCorrupt) as error:
        return str(error)
    if found.is_open:
        return None
    if found.waits_for_a_person:
        return f"Partition {partition} was stopped by its healer: {found.meta['report']}"
    return f"Partition {partition} is closed: start 'awe projector' (or 'awe up'), which heals and opens it."
