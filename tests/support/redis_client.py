"""A synchronous client for tests. Its type is Any on purpose: redis-py's own annotations are partly unknown."""

from typing import Any

import redis
from redis.cluster import RedisCluster


def connect(url: str, **options: Any) -> Any:
    """A `redis.Redis`; use it in a `with` so that its connections are closed."""
    client: Any = redis.Redis
    return client.from_url(url, **options)


def connect_cluster(url: str, **options: Any) -> Any:
    """A `redis.cluster.RedisCluster`."""
    client: Any = RedisCluster
    return client.from_url(url, **options)
