"""Ask a Redis or Valkey server what it is like, and judge whether the engine can rely on it."""

import time
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError
from redis.retry import Retry

from awe.adapters.servers.durability import Durability
from awe.adapters.servers.faults import Fault
from awe.adapters.servers.reasons import unreachable, wrong_url
from awe.adapters.servers.redis_answers import RedisAnswers
from awe.adapters.servers.redis_rules import broken_rules
from awe.adapters.servers.urls import redacted

VARIABLE = "AWE_REDIS_URL"


class RedisFacts(RedisAnswers):
    """`ok` when no fault is an error."""

    url: str  # redacted
    reachable: bool = False
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return all(fault.severity != "error" for fault in self.faults)


def probe_redis(
    url: str, *, durability: Durability = "always", clock_skew_ms: int = 1000, timeout_s: float = 5.0
) -> RedisFacts:
    """Ask the server at the URL; whatever is wrong with it, or keeps it from answering, is among the faults."""
    shown = redacted(url)
    untyped: Any = redis.Redis  # its own annotations are partly unknown
    try:
        client = untyped.from_url(
            url,
            decode_responses=True,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        return RedisFacts(url=shown, faults=(wrong_url(shown, VARIABLE),))
    with client:
        try:
            answers = _ask(client)
        except (redis.RedisError, OSError) as error:
            return RedisFacts(url=shown, faults=(_failure(error, shown),))
    return RedisFacts(
        url=shown,
        reachable=True,
        faults=broken_rules(answers, durability, clock_skew_ms),
        **answers.model_dump(),
    )


def _ask(client: Any) -> RedisAnswers:
    info: dict[str, Any] = client.info()
    before = time.time()
    seconds, microseconds = client.time()
    after = time.time()
    try:
        settings: dict[str, str] = client.config_get("appendfsync", "dir")
    except redis.ResponseError:  # managed servers hide them
        settings = {}
    valkey = "valkey_version" in info
    return RedisAnswers(
        product="valkey" if valkey else "redis",
        version=str(info["valkey_version" if valkey else "redis_version"]),
        mode=info.get("redis_mode") or info.get("server_mode"),
        role=info.get("role"),
        appendonly=bool(info.get("aof_enabled")),
        appendfsync=settings.get("appendfsync"),
        maxmemory=info.get("maxmemory"),
        maxmemory_policy=info.get("maxmemory_policy"),
        used_memory=info.get("used_memory"),
        clock_skew_ms=(seconds + microseconds / 1e6 - (before + after) / 2) * 1000,
        latency_ms=(after - before) * 1000,
        pid=info.get("process_id"),
        data_dir=settings.get("dir"),
    )


def _failure(error: Exception, shown: str) -> Fault:
    match error:
        case redis.AuthenticationError() | NoPermissionError():
            return Fault(
                "auth_failed",
                f"The server at {shown} refuses the user or the password, or the user may not read INFO and TIME.",
                f"Correct the user and password in {VARIABLE}, or the user's rights (ACL SETUSER).",
            )
        case redis.BusyLoadingError():
            return Fault(
                "loading", f"The server at {shown} is still loading its data.", "Wait and try again."
            )
        case redis.InvalidResponse() | redis.ResponseError() | redis.DataError():
            return Fault(
                "wrong_server",
                f"What listens at {shown} does not speak the Redis protocol.",
                f"Another program has that port: correct {VARIABLE}, or start Redis on a free port.",
            )
        case _:
            return unreachable(shown, VARIABLE, error)
