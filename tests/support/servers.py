"""Fixtures that give tests real servers: shared ones by URL, and own ones to kill, restart and cut.

A shared server serves the whole session, so a test keeps to its own keys (`keyspace`) or its own database
(`postgres_database`) and never flushes. A test marked `durability` gets its own servers on a real disk.
"""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from support.cluster_process import ClusterProcess
from support.server_homes import next_home, server_homes
from support.server_process import (
    PostgresProcess,
    RedisProcess,
    ServerProcess,
    ValkeyPortProcess,
    ValkeyProcess,
)

__all__ = [
    "ClusterProcess",
    "PostgresProcess",
    "RedisProcess",
    "ServerProcess",
    "ValkeyPortProcess",
    "ValkeyProcess",
]

_database_numbers = count(1)


@pytest.fixture(scope="session")
def session_homes() -> Iterator[Path]:
    with server_homes() as root:
        yield root


@pytest.fixture(scope="session")
def valkey_url(session_homes: Path) -> Iterator[str]:
    with ValkeyProcess(next_home(session_homes)) as server:
        yield server.url


@pytest.fixture(scope="session")
def redis_url(session_homes: Path) -> Iterator[str]:
    _need_redis()
    with RedisProcess(next_home(session_homes)) as server:
        yield server.url


@pytest.fixture(scope="session")
def cluster_url(session_homes: Path) -> Iterator[str]:
    with ClusterProcess(next_home(session_homes)) as cluster:
        yield cluster.url


@pytest.fixture(scope="session")
def shared_postgres(session_homes: Path) -> Iterator[PostgresProcess]:
    with PostgresProcess(next_home(session_homes)) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(shared_postgres: PostgresProcess) -> str:
    return shared_postgres.url


@pytest.fixture
def postgres_database(shared_postgres: PostgresProcess) -> Iterator[str]:
    """The URL of a fresh, empty database, dropped afterwards with whoever is still connected."""
    name = f"test_{next(_database_numbers)}"
    with psycopg.connect(shared_postgres.url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield shared_postgres.database_url(name)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def keyspace() -> str:
    """A prefix for keys that no other test has."""
    return f"t-{uuid4().hex[:12]}"


@pytest.fixture
def server_home(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder for this test's own servers."""
    on_disk = request.node.get_closest_marker("durability") is not None
    with server_homes(on_disk=on_disk) as root:
        yield root


@pytest.fixture
def own_valkey(server_home: Path) -> Iterator[ValkeyProcess]:
    with ValkeyProcess(next_home(server_home)) as server:
        yield server


@pytest.fixture
def own_redis(server_home: Path) -> Iterator[RedisProcess]:
    _need_redis()
    with RedisProcess(next_home(server_home)) as server:
        yield server


@pytest.fixture
def own_postgres(server_home: Path) -> Iterator[PostgresProcess]:
    with PostgresProcess(next_home(server_home)) as server:
        yield server


def _need_redis() -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on PATH: install Redis 7.0 or later to run this test")
