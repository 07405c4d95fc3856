"""Which server holds a partition: the one at the URL, or the master of its slot when that is a cluster.

All keys of a partition are in one slot, so a plain client of that server is enough; when the slot moves, it is looked
for again. No client repeats a command on its own.
"""

from contextlib import suppress
from threading import Lock
from typing import Any, Protocol

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import AskError, RedisError
from redis.retry import Retry

from awe.adapters.redis_streams.connection import SOCKET_TIMEOUT_S, UNREACHABLE

AWAY = (*UNREACHABLE, AskError)
"""After one of these nothing is known of a command (a slot on the move is answered with the last)."""


class Client(Protocol):
    """What is used of redis-py. Replies are bytes; those of ``XRANGE`` and ``XREAD`` as the server sent them."""

    @property
    def connection_pool(self) -> Any:
        """How connections are made."""
        ...

    def execute_command(self, *command: Any) -> Any:
        """Send one command and return its reply."""
        ...

    def pipeline(self, *, transaction: bool) -> Any:
        """Return a pipeline."""
        ...

    def set_response_callback(self, command: str, callback: Any) -> None:
        """Choose how replies to a command are read."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class Servers:
    """Clients of the servers at a URL, connected when first needed; may be shared by threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._client: Any = None

    def holding(self, key: str) -> Client:
        """Return a client of the server that holds a key.

        Raises:
            RedisError: it cannot be found now.
        """
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            if isinstance(self._client, RedisCluster):
                cluster: Any = self._client
                return _prepared(cluster.get_redis_connection(cluster.get_node_from_key(key)))
            return _prepared(self._client)

    def look_again(self) -> None:
        """Ask the cluster which server holds what now; without an answer, what is known stays."""
        with self._lock, suppress(*AWAY, RedisError):
            if isinstance(self._client, RedisCluster):
                self._client.nodes_manager.initialize()

    def close(self) -> None:
        """Close every connection; what is asked afterwards connects again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _connect(self) -> Any:
        # A thread waits for a connection rather than fail, and no longer than for a reply.
        options: dict[str, Any] = {
            "socket_timeout": SOCKET_TIMEOUT_S,
            "socket_connect_timeout": SOCKET_TIMEOUT_S,
            "timeout": SOCKET_TIMEOUT_S,
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,
        }
        pool: Any = BlockingConnectionPool
        single: Any = Redis(connection_pool=pool.from_url(self._url, **options))
        if not single.info("cluster").get("cluster_enabled"):
            return single
        single.close()
        library: Any = RedisCluster
        return library.from_url(self._url, connection_pool_class=pool, **options)


def _prepared(client: Any) -> Client:
    for command in ("XRANGE", "XREAD"):
        client.set_response_callback(command, _as_sent)
    prepared: Client = client
    return prepared


def _as_sent(reply: Any, **_options: Any) -> Any:
    return reply


__all__ = ["AWAY", "Client", "RedisError", "Servers"]
