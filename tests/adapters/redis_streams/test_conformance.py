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

TORN = "test_i02_i06_a_loss_under_a_unit_archived_in_part_does_not_tear_it"

KNOWN_FAULTS = {
    TORN: "a batch of the archiver may end in a unit",
    "test_i02_i05_i14_a_recorded_ack_of_a_lost_message_spares_its_successor": "acks are folded by position alone",
    "test_i05_an_ack_counts_in_whichever_run_it_was_recorded": "acks are folded run by run",
}
"""Properties that this store does not have yet, and why; one that passes must be taken off the list."""

AT_TIMES = {
    "test_i02_i04_i05_i07_i08_i11_i12_i16_i23_a_random_history_is_that_of_the_model": KNOWN_FAULTS[TORN],
}
"""Properties that fail or hold as it happens."""


@pytest.fixture(scope="module")
def archive_url(shared_postgres: PostgresProcess) -> Iterator[str]:
    """A database for all tests here: each has partitions of its own."""
    name = f"conformance_{uuid4().hex[:12]}"
    with psycopg.connect(shared_postgres.url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield shared_postgres.database_url(name)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(autouse=True)
def _known_faults(request: pytest.FixtureRequest) -> None:
    name = request.function.__name__
    if name in KNOWN_FAULTS:
        request.applymarker(pytest.mark.xfail(reason=KNOWN_FAULTS[name]))
    elif name in AT_TIMES:
        request.applymarker(pytest.mark.xfail(reason=AT_TIMES[name], strict=False))


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
