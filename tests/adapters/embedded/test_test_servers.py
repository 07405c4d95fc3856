"""The servers that all tests stand on: they answer, survive a kill with their data, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from support.redis_client import connect, connect_cluster
from support.server_homes import server_homes
from support.servers import PostgresProcess, RedisProcess, ValkeyProcess
from support.shared_memory import segments


@pytest.mark.parametrize("fixture", ["valkey_url", "redis_url"])
def test_a_shared_redis_is_durable_and_never_evicts(fixture: str, request: pytest.FixtureRequest) -> None:
    with connect(request.getfixturevalue(fixture), decode_responses=True) as client:
        settings = client.config_get("appendonly", "appendfsync", "maxmemory-policy", "save")
    assert settings == {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "save": "",
    }


def test_the_cluster_serves_every_slot(cluster_url: str, keyspace: str) -> None:
    with connect_cluster(cluster_url) as client:
        for number in range(50):
            client.set(f"{keyspace}:{number}", number)
        assert len(client.get_primaries()) == 3
        assert {client.get_node_from_key(f"{keyspace}:{n}").name for n in range(50)} == {
            node.name for node in client.get_primaries()
        }


@pytest.mark.parametrize("_again", range(2))
def test_each_test_has_an_empty_database_of_its_own(postgres_database: str, _again: int) -> None:
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TABLE t (x int)")


@pytest.mark.parametrize("fixture", ["own_valkey", "own_redis"])
def test_a_killed_redis_comes_back_with_its_data(fixture: str, request: pytest.FixtureRequest) -> None:
    server: ValkeyProcess | RedisProcess = request.getfixturevalue(fixture)
    with connect(server.url) as client:
        client.set("k", "v")
        before = server.pid
        server.kill9()
        server.start()
        assert client.get("k") == b"v"
        assert server.pid != before


def test_a_killed_postgres_comes_back_with_its_data(own_postgres: PostgresProcess) -> None:
    with psycopg.connect(own_postgres.url) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS x")
    own_postgres.kill9()
    own_postgres.start()
    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("SELECT x FROM t").fetchone() == (1,)


def test_a_killed_postgres_leaves_no_shared_memory(server_home: Path) -> None:
    with PostgresProcess(server_home / "p") as server:
        [segment] = segments(server.home)
        assert segment in _segments_there_are()
        server.kill9()
        assert segment in _segments_there_are()
        server.start()
        [segment] = segments(server.home)
    assert segment not in _segments_there_are()


def _segments_there_are() -> set[int]:
    _, *lines = Path("/proc/sysvipc/shm").read_text().splitlines()
    return {int(line.split()[1]) for line in lines}


SESSION = """
import signal, sys, time
from pathlib import Path
from support.server_homes import server_homes
from support.server_process import PostgresProcess, ValkeyProcess
signal.signal(signal.SIGINT, signal.default_int_handler)  # else it stays ignored where a shell runs us in the background
with server_homes() as root, ValkeyProcess(root / "v") as valkey, PostgresProcess(root / "p") as postgres:
    print(valkey.pid, postgres.pid, root, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_no_server_outlives_the_session(how: signal.Signals) -> None:
    tests = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{tests}:{tests.parent / 'src'}"}
    session = subprocess.Popen(
        [sys.executable, "-c", SESSION],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    )
    assert session.stdout is not None
    with session.stdout:
        valkey, postgres, root = session.stdout.readline().split()
        session.send_signal(how)
        session.wait(30)
    deadline = time.monotonic() + 30
    while any(psutil.pid_exists(int(pid)) for pid in (valkey, postgres)):
        assert time.monotonic() < deadline, "a server outlived its session"
        time.sleep(0.02)
    if how is signal.SIGINT:
        assert not Path(root).exists()
    with server_homes():
        assert not Path(root).exists(), "what a kill leaves, the next session sweeps"
