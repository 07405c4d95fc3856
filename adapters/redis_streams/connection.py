"""Clients whose library never repeats a command on its own: a lost reply is ours to resolve, by append id."""

from typing import Any, Protocol, cast

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    MasterDownError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

UNREACHABLE = (
    RedisConnectionError,
    RedisTimeoutError,
    OSError,
    ClusterDownError,
    MasterDownError,
    ReadOnlyError,
    RedisClusterException,  # no node answers, or none has the slot; no RedisError by its class
    TryAgainError,
)
"""After one of these nothing is known of the command; it may be sent again, by append id."""

SOCKET_TIMEOUT_S = 5.0


class Pipe(Protocol):
    """Commands that go out together."""

    def execute_command(self, *command: Any) -> Any:
        """Queue a command."""
        ...

    async def execute(self, *, raise_on_error: bool = True) -> list[Any]:
        """Send what is queued; return the replies, in order."""
        ...


class AsyncClient(Protocol):
    """What is used of redis-py, the same for a single server and a cluster. Replies are bytes."""

    async def execute_command(self, *command: Any) -> Any:
        """Send one command and return its reply."""
        ...

    def pipeline(self, *, transaction: bool) -> Pipe:
        """Return a pipeline; in a cluster only a transaction on one hash tag is used."""
        ...

    def set_response_callback(self, command: str, callback: Any) -> None:
        """Choose how replies to a command are read."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


def _as_sent(reply: Any, **_options: Any) -> Any:
    """Keep stream replies as the server sent them; building dicts of each entry costs more than decoding it."""
    return reply


def connect(url: str, *, cluster: bool = False, timeout_s: float = SOCKET_TIMEOUT_S) -> AsyncClient:
    """Return a client of a server, or of the cluster that it belongs to."""
    options: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
    library: Any = RedisCluster if cluster else Redis
    client = cast("AsyncClient", library.from_url(url, **options))
    for command in ("XRANGE", "XREVRANGE", "XREAD"):
        client.set_response_callback(command, _as_sent)
    return client


async def in_cluster(url: str) -> bool:
    """Tell whether the server at a URL is part of a cluster; one that cannot be asked counts as alone."""
    client = connect(url)
    try:
        info: Any = await client.execute_command("INFO", "cluster")
        return bool(info["cluster_enabled"])
    except (*UNREACHABLE, RedisError):
        return False
    finally:
        await client.aclose()


def spreads(client: AsyncClient) -> bool:
    """Tell whether keys with different hash tags may live on different servers, so that no pipeline takes them all."""
    return isinstance(client, RedisCluster)


__all__ = ["UNREACHABLE", "AsyncClient", "RedisError", "connect", "in_cluster", "spreads"]
