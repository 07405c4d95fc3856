"""Ask a Postgres server what it is like, and judge whether the engine can rely on it."""

import math
import re
import time
from dataclasses import replace

import psycopg
from psycopg.rows import class_row

from awe.adapters.servers.faults import Fault
from awe.adapters.servers.postgres_answers import PostgresAnswers
from awe.adapters.servers.postgres_rules import broken_rules
from awe.adapters.servers.reasons import unreachable, wrong_url
from awe.adapters.servers.urls import redacted

VARIABLE = "AWE_POSTGRES_URL"
QUESTION = """
SELECT current_setting('server_version') AS version,
       current_setting('fsync')::bool AS fsync,
       current_setting('full_page_writes')::bool AS full_page_writes,
       current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('wal_level') AS wal_level,
       current_setting('data_checksums')::bool AS data_checksums,
       pg_is_in_recovery() AS standby,
       current_setting('server_encoding') AS encoding,
       CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END AS data_dir,
       current_setting('max_connections')::int AS max_connections,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS connections
"""

REFUSALS = (
    (
        r"authentication failed|role .* does not exist|no pg_hba.conf entry|no password supplied|permission denied for",
        Fault(
            "auth_failed",
            "The server at {url} refuses the user or the password.",
            f"Correct them in {VARIABLE}, or the server's roles and pg_hba.conf.",
        ),
    ),
    (
        r"database .* does not exist",
        Fault(
            "no_database",
            "The server at {url} has no such database.",
            f"Create it (CREATE DATABASE ... ENCODING 'UTF8'), or correct {VARIABLE}.",
        ),
    ),
    (
        r"starting up|shutting down|in recovery mode|not yet accepting connections",
        Fault("loading", "The server at {url} is starting, stopping or recovering.", "Wait and try again."),
    ),
    (
        r"too many (?:clients|connections)|connection slots are reserved",
        Fault(
            "connections_exhausted",
            "The server at {url} has no connection left.",
            "Raise max_connections, close idle clients, or put a pooler in front.",
        ),
    ),
    (
        r"invalid response|expected authentication request|unexpected response",
        Fault(
            "wrong_server",
            "What listens at {url} does not speak the PostgreSQL protocol.",
            f"Another program has that port: correct {VARIABLE}, or start PostgreSQL on a free port.",
        ),
    ),
)


class PostgresFacts(PostgresAnswers):
    """`ok` when no fault is an error."""

    url: str  # redacted
    reachable: bool = False
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return all(fault.severity != "error" for fault in self.faults)


def probe_postgres(url: str, *, clock_skew_ms: int = 1000, timeout_s: float = 5.0) -> PostgresFacts:
    """Ask the server at the URL; whatever is wrong with it, or keeps it from answering, is among the faults."""
    shown = redacted(url)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=math.ceil(timeout_s)) as connection:
            connection.execute(
                "SELECT set_config('statement_timeout', %s, false)", (str(math.ceil(timeout_s * 1000)),)
            )
            answers = _ask(connection)
    except psycopg.ProgrammingError:
        return PostgresFacts(url=shown, faults=(wrong_url(shown, VARIABLE),))
    except psycopg.Error as error:
        return PostgresFacts(url=shown, faults=(_failure(error, shown),))
    return PostgresFacts(
        url=shown, reachable=True, faults=broken_rules(answers, clock_skew_ms), **answers.model_dump()
    )


def _ask(connection: psycopg.Connection) -> PostgresAnswers:
    before = time.time()
    [seconds] = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone() or [
        before
    ]
    after = time.time()
    with connection.cursor(row_factory=class_row(PostgresAnswers)) as cursor:
        answers = cursor.execute(QUESTION).fetchone() or PostgresAnswers()
    return answers.model_copy(
        update={
            "clock_skew_ms": (seconds - (before + after) / 2) * 1000,
            "latency_ms": (after - before) * 1000,
        }
    )


def _failure(error: psycopg.Error, shown: str) -> Fault:
    text = str(error)  # a connection that fails has no SQLSTATE
    for pattern, fault in REFUSALS:
        if re.search(pattern, text):
            return replace(fault, message=fault.message.format(url=shown))
    return unreachable(shown, VARIABLE, error)
