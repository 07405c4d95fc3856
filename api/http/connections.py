"""Connections that make no progress are ended: those that send no request, and those that do not take their last answer.

The server closes a connection only once its peer has taken everything, and waits for the first headers without end.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final

_EVERY_S: Final = 1.0


class Housekeeping:
    """Looks at the connections again and again, as long as ``run`` runs."""

    def __init__(self, *, headers_s: float, closing_s: float) -> None:
        """``headers_s``: until a request has come; ``closing_s``: until what was sent last is taken."""
        self._within_s = {"headers": headers_s, "closing": closing_s}
        self._since: dict[Any, tuple[str, float]] = {}

    async def run(self, connections: Iterable[Any]) -> None:
        """``connections`` are those of the server, as it keeps them."""
        while True:
            self.look(list(connections), time.monotonic())
            await asyncio.sleep(_EVERY_S)

    def look(self, connections: Iterable[Any], now_s: float) -> None:
        """Note who waits for what, and end what has waited for too long."""
        waiting = {each: what for each in connections if (what := _awaited(each)) is not None}
        before, self._since = self._since, {}
        for each, what in waiting.items():
            known = before.get(each)
            since_s = known[1] if known is not None and known[0] == what else now_s
            if now_s - since_s > self._within_s[what]:
                each.transport.abort()
            else:
                self._since[each] = what, since_s


def _awaited(connection: Any) -> str | None:
    """What a connection waits for that only its peer can do."""
    if connection.transport is None:
        return None
    if connection.transport.is_closing():
        return "closing"
    if not hasattr(connection, "cycle"):
        return None  # a web socket, which has pings
    idle = connection.cycle is None or connection.cycle.response_complete
    return "headers" if idle and connection.timeout_keep_alive_task is None else None
