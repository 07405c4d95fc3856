"""What a Postgres server must be like to keep the engine's promises, and what to do where it is not."""

from collections.abc import Iterator

from awe.adapters.servers.faults import Fault
from awe.adapters.servers.postgres_answers import PostgresAnswers
from awe.adapters.servers.reasons import clock_skewed
from awe.adapters.servers.versions import older

MINIMUM = (15, 0)
CONNECTIONS_HIGH = 0.9


def broken_rules(answers: PostgresAnswers, clock_skew_ms: int) -> tuple[Fault, ...]:
    return (
        *_kind(answers),
        *_durable(answers),
        *_room(answers),
        *clock_skewed(answers.clock_skew_ms, clock_skew_ms),
    )


def _kind(answers: PostgresAnswers) -> Iterator[Fault]:
    if older(answers.version, MINIMUM):
        yield Fault(
            "server_too_old",
            f"The server is PostgreSQL {answers.version}; 15 or later is needed.",
            "Upgrade it (pg_upgrade), or set AWE_POSTGRES_URL to another server.",
        )
    if answers.standby:
        yield Fault(
            "standby",
            "The server is a standby, which cannot be written to.",
            "Set AWE_POSTGRES_URL to the primary, or add target_session_attrs=read-write with all hosts.",
        )
    if answers.encoding not in {None, "UTF8"}:
        yield Fault(
            "wrong_encoding",
            f"The database has the encoding {answers.encoding}; events hold any Unicode text.",
            "Create a database with ENCODING 'UTF8' TEMPLATE template0, and name it in AWE_POSTGRES_URL.",
        )


def _durable(answers: PostgresAnswers) -> Iterator[Fault]:
    if answers.fsync is False:
        yield Fault(
            "fsync_off",
            "The server has fsync off: a crash of its host can destroy the archive.",
            "Run ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf().",
        )
    if answers.full_page_writes is False:
        yield Fault(
            "pages_torn",
            "The server has full_page_writes off: a crash of its host can leave half-written pages in the archive.",
            "Run ALTER SYSTEM SET full_page_writes = on, unless its file system writes pages whole.",
            "warning",
        )
    if answers.synchronous_commit == "off":
        yield Fault(
            "commit_not_durable",
            "The server has synchronous_commit off: events that count as archived can be lost, and the log is trimmed "
            "behind them.",
            "Run ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf().",
        )


def _room(answers: PostgresAnswers) -> Iterator[Fault]:
    if answers.max_connections and (answers.connections or 0) >= CONNECTIONS_HIGH * answers.max_connections:
        yield Fault(
            "connections_high",
            f"{answers.connections} of the server's {answers.max_connections} connections are in use.",
            "Raise max_connections, or put a pooler in front.",
            "warning",
        )
