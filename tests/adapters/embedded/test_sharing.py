"""Several processes share one pair of servers, which ends with its last user, whoever that is."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from awe.adapters.embedded.home import KINDS, Home
from awe.adapters.embedded.servers import Servers, embedded_servers
from awe.adapters.servers.postgres_facts import probe_postgres
from awe.adapters.servers.redis_facts import probe_redis
from support.embedded_user import EmbeddedUser, gone, processes_of, server_pid, supervisor_pid, wait_until
from support.redis_client import connect


async def test_both_servers_are_sound_and_at_no_port(home: Home) -> None:
    async with embedded_servers(home=home.path, linger_s=0) as servers:
        redis, postgres = probe_redis(servers.redis_url), probe_postgres(servers.postgres_url)
        assert (redis.faults, postgres.faults) == ((), ())
        assert (redis.appendonly, redis.appendfsync, redis.maxmemory_policy) == (True, "always", "noeviction")
        assert (postgres.fsync, postgres.synchronous_commit, postgres.encoding) == (True, "on", "UTF8")
        for kind in KINDS:
            server = psutil.Process(server_pid(home, kind))
            assert server.net_connections("inet") == []
            assert server.uids().real != 0
            assert home.sockets(kind).stat().st_mode & 0o077 == 0


async def test_given_urls_come_first_and_nothing_is_started(home: Home) -> None:
    async with embedded_servers(
        home=home.path, redis_url="redis://r", postgres_url="postgresql://p"
    ) as servers:
        assert servers == Servers("redis://r", "postgresql://p")
    assert not home.path.exists()


async def test_only_the_server_without_a_url_is_started(home: Home) -> None:
    async with embedded_servers(home=home.path, postgres_url="postgresql://p", linger_s=0) as servers:
        assert servers.postgres_url == "postgresql://p"
        assert probe_redis(servers.redis_url).reachable
        assert not home.data("postgres").exists()


def test_processes_that_start_at_once_share_one_pair(home: Home) -> None:
    with ExitStack() as leaving:
        users = [leaving.enter_context(EmbeddedUser(home)) for _ in range(4)]
        told = [user.told for user in users]
        assert all(each == told[0] for each in told)
        assert set(told[0]) == set(KINDS)
        pids = {kind: server_pid(home, kind) for kind in KINDS}
        with EmbeddedUser(home) as late:
            assert late.told == told[0]
        assert pids == {kind: server_pid(home, kind) for kind in KINDS}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_servers_outlive_the_process_that_started_them(home: Home, how: signal.Signals) -> None:
    owner = EmbeddedUser(home, ["redis"])
    url = owner.told["redis"]
    pid = server_pid(home, "redis")
    with EmbeddedUser(home, ["redis"]) as other:
        assert other.told["redis"] == url
        os.killpg(owner.process.pid, how)
        owner.end(how)
        with EmbeddedUser(home, ["redis"]) as third:
            assert third.told["redis"] == url
        assert server_pid(home, "redis") == pid
        with connect(url) as client:
            assert client.ping()
    wait_until(lambda: gone(pid), "the last user has left, and the server has stopped")


def test_nothing_is_left_when_the_only_user_is_killed(home: Home) -> None:
    user = EmbeddedUser(home)
    assert user.told
    pids = [pid(home, kind) for kind in KINDS for pid in (server_pid, supervisor_pid)]
    user.end(signal.SIGKILL)
    wait_until(lambda: gone(*pids), "servers and supervisors have ended")
    assert processes_of(home.path) == []


def test_a_server_waits_for_its_next_user(home: Home) -> None:
    with EmbeddedUser(home, ["redis"], linger_s=30) as first:
        assert first.told
        pid = server_pid(home, "redis")
    with EmbeddedUser(home, ["redis"], linger_s=30) as second:
        assert second.told
        assert server_pid(home, "redis") == pid
    os.kill(supervisor_pid(home, "redis"), signal.SIGTERM)
    wait_until(lambda: gone(pid), "a supervisor that is told to stop stops its server")


def test_a_home_may_have_an_odd_name(server_home: Path, home: Home) -> None:
    odd = Home(server_home / "awe" / "od'd % (hömè); &")
    with EmbeddedUser(odd) as user:
        told = user.told
        assert probe_redis(told["redis"]).ok
        assert probe_postgres(told["postgres"]).ok
    assert odd.path.is_relative_to(home.path)


def test_a_log_is_private_and_does_not_grow_for_ever(home: Home) -> None:
    home.path.mkdir(mode=0o711)
    home.log("redis").write_bytes(b"x" * 1_000_001)
    with EmbeddedUser(home, ["redis"], linger_s=0) as user:
        assert user.told["redis"]
        assert home.log("redis").stat().st_mode & 0o077 == 0
        assert 0 < home.log("redis").stat().st_size < 100_000
        assert home.path.joinpath("redis.log.1").stat().st_size == 1_000_001


def test_servers_see_no_secret_of_their_users(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_TEST_SECRET", "s3cret")
    monkeypatch.setenv("PGPORT", "1")
    with EmbeddedUser(home) as user:
        with psycopg.connect(user.told["postgres"]) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        for kind in KINDS:
            environment = psutil.Process(server_pid(home, kind)).environ()
            assert not {"AWE_TEST_SECRET", "PGPORT"} & environment.keys()
