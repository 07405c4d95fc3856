"""What a Postgres server says of itself."""

from pydantic import BaseModel, ConfigDict


class PostgresAnswers(BaseModel):
    """Each is None where the server did not tell."""

    model_config = ConfigDict(frozen=True)

    version: str | None = None
    fsync: bool | None = None
    full_page_writes: bool | None = None
    synchronous_commit: str | None = None
    wal_level: str | None = None
    data_checksums: bool | None = None
    standby: bool | None = None
    encoding: str | None = None
    data_dir: str | None = None  # None for a user without the right to see it
    max_connections: int | None = None
    connections: int | None = None
    clock_skew_ms: float | None = None  # server minus this host
    latency_ms: float | None = None
