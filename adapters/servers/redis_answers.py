"""What a Redis or Valkey server says of itself."""

from pydantic import BaseModel, ConfigDict


class RedisAnswers(BaseModel):
    """Each is None where the server did not tell."""

    model_config = ConfigDict(frozen=True)

    product: str | None = None  # redis, valkey
    version: str | None = None
    mode: str | None = None  # standalone, cluster, sentinel
    role: str | None = None  # master, slave
    appendonly: bool | None = None
    appendfsync: str | None = None
    maxmemory: int | None = None  # bytes; 0 for no limit
    maxmemory_policy: str | None = None
    used_memory: int | None = None  # bytes
    clock_skew_ms: float | None = None  # server minus this host
    latency_ms: float | None = None
    pid: int | None = None
    data_dir: str | None = None
