"""Outages are waited out here: FastStream waits long for some faults, and repeats others at once and for ever."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from redis.exceptions import ResponseError

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE

_AGAIN_S: Final = 0.3

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Patience:
    """Waits between attempts, and says once for each outage why."""

    def __init__(self) -> None:
        self._away = False

    async def wait(self, error: Exception) -> None:
        """Wait a little after a failure."""
        if not self._away:
            _log.warning("Work queues cannot be read now, which is waited out: %s", error)
        self._away = True
        await asyncio.sleep(_AGAIN_S)

    def answered(self) -> None:
        """The outage is over, if there was one."""
        self._away = False


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer.

    Raises:
        ResponseError: a consumer group is gone.
    """
    patience = Patience()
    while True:
        heed_cancel()
        try:
            return await ask()
        except (*UNREACHABLE, ResponseError) as error:
            if group_is_gone(error):
                raise
            await patience.wait(error)


def group_is_gone(reply: Any) -> bool:
    """Whether this is the error that says so."""
    return isinstance(reply, ResponseError) and "NOGROUP" in str(reply)
