"""Waiting for a log's next entry: the server is asked once a second, the socket is looked at as often as is wanted.

So a reader that is stopped need not wait for the server, nor has the server to be told.
"""

import time
from typing import Any

from awe.adapters.redis_streams.connection import SOCKET_TIMEOUT_S
from awe.adapters.redis_streams.eventsourcing.servers import AWAY, RedisError, Servers

_BLOCK_MS = 1000


class RedisTail:
    """Waits on a connection of its own."""

    def __init__(self, servers: Servers, log: str) -> None:
        self._servers = servers
        self._log = log
        self._connection: Any = None
        self._asked_at: float | None = None
        self._told: int | None = None
        """After which position there was an entry when last asked."""

    def wait(self, after: int, seconds: float) -> bool:
        """Tell whether it is worth to read on: there is an entry, the second is over, or the server is gone."""
        try:
            return self._wait(after, seconds)
        except (*AWAY, RedisError):
            self.close()
            return True

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection, self._asked_at = self._connection, None, None
        if connection is not None:
            connection.disconnect()

    def _wait(self, after: int, seconds: float) -> bool:
        if self._told == after:
            # The reader did not get on: the entry is half a unit, no event, until the partition is opened again.
            self._told = None
            time.sleep(seconds)
        if self._connection is None:
            pool = self._servers.holding(self._log).connection_pool
            self._connection = pool.connection_class(**pool.connection_kwargs)
        if self._asked_at is None:
            self._connection.send_command(
                "XREAD", "COUNT", 1, "BLOCK", _BLOCK_MS, "STREAMS", self._log, f"{after}-0"
            )
            self._asked_at = time.monotonic()
        if self._connection.can_read(seconds):
            self._told = None if self._connection.read_response() is None else after
            self._asked_at = None
            return True
        if time.monotonic() - self._asked_at > _BLOCK_MS / 1000 + SOCKET_TIMEOUT_S:
            self.close()
            return True
        return False
