import getpass
from pathlib import Path

import psycopg
import pytest

from awe.adapters.servers.postgres_answers import PostgresAnswers
from awe.adapters.servers.postgres_facts import PostgresFacts, probe_postgres
from awe.adapters.servers.postgres_rules import broken_rules
from support.servers import PostgresProcess, ValkeyPortProcess

SOUND = PostgresAnswers(
    version="15.18 (Debian 15.18-0+deb12u1)",
    fsync=True,
    full_page_writes=True,
    synchronous_commit="on",
    standby=False,
    encoding="UTF8",
    max_connections=100,
    connections=3,
    clock_skew_ms=0.2,
)


def codes(facts: PostgresFacts) -> set[str]:
    return {fault.code for fault in facts.faults}


def test_a_sound_server_is_reported_with_its_facts(postgres_database: str) -> None:
    facts = probe_postgres(postgres_database)
    assert facts.ok
    assert facts.faults == ()
    assert facts.version is not None
    assert facts.version.startswith("18.")
    assert (facts.fsync, facts.full_page_writes, facts.synchronous_commit) == (True, True, "on")
    assert (facts.standby, facts.encoding, facts.wal_level) == (False, "UTF8", "replica")
    assert facts.data_dir
    assert facts.connections
    assert facts.clock_skew_ms is not None
    assert abs(facts.clock_skew_ms) < 1000


def test_a_user_without_rights_still_learns_what_matters(postgres_database: str) -> None:
    with psycopg.connect(postgres_database, autocommit=True) as admin:
        admin.execute("CREATE ROLE guest LOGIN")
    facts = probe_postgres(postgres_database.replace("awe@", "guest@"))
    with psycopg.connect(postgres_database, autocommit=True) as admin:
        admin.execute("DROP ROLE guest")
    assert facts.ok
    assert facts.fsync is True
    assert facts.data_dir is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, set[str]()),
        ({"version": "14.9"}, {"server_too_old"}),
        ({"version": "19beta1"}, set[str]()),
        ({"standby": True}, {"standby"}),
        ({"encoding": "SQL_ASCII"}, {"wrong_encoding"}),
        ({"fsync": False}, {"fsync_off"}),
        ({"full_page_writes": False}, {"pages_torn"}),
        ({"synchronous_commit": "off"}, {"commit_not_durable"}),
        ({"connections": 90}, {"connections_high"}),
        ({"clock_skew_ms": 1500.0}, {"clock_skew"}),
    ],
)
def test_each_broken_rule_is_a_fault(changed: dict[str, object], expected: set[str]) -> None:
    """Among them I10: more skew of the clocks than is tolerated."""
    faults = broken_rules(SOUND.model_copy(update=changed), 1000)
    assert {fault.code for fault in faults} == expected
    assert all(fault.message and fault.hint for fault in faults)


def test_a_badly_set_server_is_told_apart(server_home: Path) -> None:
    with PostgresProcess(server_home / "p", "fsync=off", "synchronous_commit=off") as server:
        assert codes(probe_postgres(server.url)) >= {"fsync_off", "commit_not_durable"}


def test_a_server_without_a_free_connection_is_told(server_home: Path) -> None:
    few = (
        "max_connections=2",
        "superuser_reserved_connections=0",
        "reserved_connections=0",
        "max_wal_senders=0",
    )
    with (
        PostgresProcess(server_home / "p", *few) as server,
        psycopg.connect(server.url),
        psycopg.connect(server.url),
    ):
        assert codes(probe_postgres(server.url)) == {"connections_exhausted"}


def test_the_wrong_user_or_database_is_told(shared_postgres: PostgresProcess) -> None:
    assert codes(probe_postgres(shared_postgres.url.replace("awe@", "awe_nobody:s3cret@"))) == {"auth_failed"}
    assert codes(probe_postgres(shared_postgres.database_url("no_such_database"))) == {"no_database"}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://awe:s3cret@127.0.0.1:1/x", "nothing listens there"),
        ("postgresql://awe:s3cret@host.invalid/x", "its host name is not known"),
        ("postgresql://awe:s3cret@/x?host=/nonexistent", "there is no such socket"),
    ],
)
def test_a_server_that_is_away_is_told_with_the_reason(url: str, reason: str) -> None:
    facts = probe_postgres(url)
    assert codes(facts) == {"unreachable"}
    assert reason in facts.faults[0].message
    assert "s3cret" not in repr(facts)


@pytest.mark.parametrize("url", ["s3cret=1", "postgresql://h/x?s3cret=1", "postgresql://[s3cret"])
def test_a_url_that_makes_no_sense_is_told_without_its_password(url: str) -> None:
    facts = probe_postgres(url)
    assert codes(facts) == {"wrong_url"}
    assert "s3cret" not in repr(facts.faults[0].hint)


def test_another_program_at_the_port_is_told(server_home: Path) -> None:
    with ValkeyPortProcess(server_home / "v") as other:
        facts = probe_postgres(
            f"postgresql://{getpass.getuser()}@127.0.0.1:{other.port}/x?sslmode=disable", timeout_s=1
        )
    assert codes(facts) <= {"wrong_server", "unreachable"}
    assert not facts.ok
