"""The event log on Redis and Postgres has every property of an event log, on each server it is meant for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from support.conformance import EventLogConformance, Harness
from support.conformance.suite import needed_by
from support.redis_harness import OWN_SERVER, redis_harness
from support.server_process import PostgresProcess, RedisProcess, ValkeyProcess


@pytest.fixture(scope="module")
def archive_url(shared_postgres: PostgresProcess) -> Iterator[str]:
    """A database for all tests here: each has partitions of its own."""
    name = f"conformance_{uuid4().hex[:12]}"
    with psycopg.connect(shared_postgres.url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield shared_postgres.database_url(name)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def disturbs(request: pytest.FixtureRequest) -> bool:
    """Whether the test needs a server that is its own."""
    return bool(needed_by(request.function) & OWN_SERVER)


class TestOnValkey(EventLogConformance):
    @pytest.fixture
    async def harness(
        self, request: pytest.FixtureRequest, archive_url: str, keyspace: str, server_home: Path
    ) -> AsyncIterator[Harness]:
        if disturbs(request):
            with ValkeyProcess(server_home / "own") as server:
                async with redis_harness(server.url, archive_url, keyspace, server) as harness:
                    yield harness
        else:
            url: str = request.getfixturevalue("valkey_url")
            async with redis_harness(url, archive_url, keyspace) as harness:
                yield harness


class TestOnRedis(EventLogConformance):
    @pytest.fixture
    async def harness(
        self,
        request: pytest.FixtureRequest,
        archive_url: str,
        keyspace: str,
        server_home: Path,
        redis_url: str,
    ) -> AsyncIterator[Harness]:
        if disturbs(request):
            with RedisProcess(server_home / "own") as server:
                async with redis_harness(server.url, archive_url, keyspace, server) as harness:
                    yield harness
        else:
            async with redis_harness(redis_url, archive_url, keyspace) as harness:
                yield harness


class TestOnACluster(EventLogConformance):
    @pytest.fixture
    async def harness(self, cluster_url: str, archive_url: str, keyspace: str) -> AsyncIterator[Harness]:
        async with redis_harness(cluster_url, archive_url, keyspace, cluster=True) as harness:
            yield harness
