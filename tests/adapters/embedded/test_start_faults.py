"""What keeps an embedded server from starting is told with its cause and with what to do."""

import os
import platform
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from awe.adapters.embedded import supervisor
from awe.adapters.embedded.account import server_account
from awe.adapters.embedded.home import KINDS, Home, Kind
from awe.adapters.embedded.ownership import take_lock
from awe.adapters.embedded.postgres_server import PostgresServer
from awe.adapters.embedded.process import Spawner
from awe.adapters.embedded.refusals import as_fault
from awe.adapters.embedded.servers import embedded_servers, leases
from awe.adapters.servers.faults import Fault, ServerError
from support.embedded_user import EmbeddedUser, processes_of, server_pid, wait_until
from support.redis_client import connect
from support.servers import PostgresProcess, ValkeyProcess

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can set this up")


def refusal(home: Home, kind: Kind) -> Fault | None:
    try:
        with leases(home.path, [kind], linger_s=0) as held:
            held[kind].url.result()
    except ServerError as error:
        return error.fault
    return None


def fault(home: Home, kind: Kind) -> Fault:
    told = refusal(home, kind)
    assert told is not None
    return told


def answers(client: Any) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def write_until_it_fails(client: Any) -> int:
    """How many writes were acknowledged."""
    for number in range(1000):
        try:
            client.set(str(number), os.urandom(1_000_000))  # a rewrite of the file cannot make it small
        except redis.RedisError:
            return number
    raise AssertionError("the disk did not get full")


def fill(home: Home, kinds: Sequence[Kind] = KINDS) -> None:
    """Start and stop once, so that there are data."""
    with EmbeddedUser(home, kinds, linger_s=0) as user:
        told = user.told
        if "redis" in told:
            with connect(told["redis"]) as client:
                client.set("k", "v" * 1000)
    wait_until(lambda: not processes_of(home.path), "it has stopped")


def test_postgres_data_of_a_newer_version(home: Home) -> None:
    fill(home, ["postgres"])
    (home.data("postgres") / "PG_VERSION").write_text("99\n")
    told = fault(home, "postgres")
    assert told.code == "data_newer"
    assert "PostgreSQL 99" in told.message
    assert "AWE_HOME" in told.hint


def test_postgres_data_of_a_version_that_is_gone(home: Home) -> None:
    fill(home, ["postgres"])
    (home.data("postgres") / "PG_VERSION").write_text("9\n")
    told = fault(home, "postgres")
    assert told.code == "data_older"
    assert "pg_upgrade" in told.hint


def test_redis_data_of_a_newer_version(home: Home) -> None:
    fill(home, ["redis"])
    home.redis_made_by.write_text("valkey 99.0\n")
    told = fault(home, "redis")
    assert told.code == "data_newer"
    assert "valkey 99.0" in told.message


def test_redis_data_of_a_newer_format(home: Home) -> None:
    fill(home, ["redis"])
    [base] = (home.data("redis") / "appendonlydir").glob("*.base.rdb")
    name, version, rest = re.split(rb"(\d+)", base.read_bytes(), maxsplit=1)  # REDIS0010..., VALKEY080...
    base.write_bytes(name + b"9" * len(version) + rest)
    assert fault(home, "redis").code == "data_newer"


def test_redis_data_that_are_damaged(home: Home) -> None:
    fill(home, ["redis"])
    [increments] = (home.data("redis") / "appendonlydir").glob("*.incr.aof")
    content = increments.read_bytes()
    increments.write_bytes(content[:20] + b"garbage" + content[27:])
    told = fault(home, "redis")
    assert told.code == "data_damaged"
    assert str(home.log("redis")) in told.hint


def test_a_torn_tail_is_no_fault(home: Home) -> None:
    fill(home, ["redis"])
    [increments] = (home.data("redis") / "appendonlydir").glob("*.incr.aof")
    with increments.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$1\r\nz")
    with EmbeddedUser(home, ["redis"], linger_s=0) as user, connect(user.told["redis"]) as client:
        assert client.keys() == [b"k"]


def test_postgres_data_that_are_damaged(home: Home) -> None:
    fill(home, ["postgres"])
    for segment in (home.data("postgres") / "pg_wal").glob("0*"):
        segment.write_bytes(bytes(segment.stat().st_size))
    assert fault(home, "postgres").code == "data_damaged"


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_instance_that_somebody_started_by_hand(home: Home, kind: Kind) -> None:
    own = ValkeyProcess(home.path) if kind == "redis" else PostgresProcess(home.path)
    own.data = home.data(kind)
    with own:
        told = fault(home, kind)
        assert told.code == "second_instance"
        assert str(server_pid(home, kind)) in told.message
        assert own.pid == server_pid(home, kind), "and it was left alone"


def test_a_second_instance_that_cannot_be_seen(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOCK_WAIT_SECONDS", 0.1)
    home.path.mkdir()
    lock = take_lock(home.lock("redis"))
    assert lock is not None
    with pytest.raises(ServerError) as caught:
        supervisor.take_over("redis", home)
    assert caught.value.fault.code == "second_instance"
    os.close(lock)


def test_what_a_killed_installation_leaves_is_no_fault(home: Home) -> None:
    fill(home)
    for kind in KINDS:
        assert home.lock(kind).exists(), "a lock file without a holder means nothing"
        home.control(kind).touch()
    home.redis_socket.touch()
    (home.data("postgres") / "postmaster.pid").write_text(
        f"{os.getppid()}\n{home.data('postgres')}\n1\n5432\n\n\n\n"
    )
    home.postgres_socket_lock.write_text(f"{os.getppid()}\n")
    with EmbeddedUser(home, linger_s=0) as user, psycopg.connect(user.told["postgres"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.fixture
def small_disk(server_home: Path) -> Iterator[Path]:
    place = server_home / "small"
    place.mkdir(mode=0o755)
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=80m", "none", place], check=False, capture_output=True
    )
    if mount.returncode != 0:
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@AS_ROOT
def test_a_disk_that_is_full_before_the_start(small_disk: Path) -> None:
    full = Home(small_disk / "awe")
    (small_disk / "ballast").write_bytes(bytes(40_000_000))
    told = fault(full, "redis")
    assert told.code == "disk_full"
    assert "AWE_HOME" in told.hint
    wait_until(lambda: not processes_of(full.path), "nothing is left running")


@AS_ROOT
def test_a_disk_that_gets_full_at_work_and_is_freed(small_disk: Path) -> None:
    full = Home(small_disk / "awe")
    with leases(full.path, ["redis"], linger_s=0) as held, connect(held["redis"].url.result()) as client:
        acknowledged = write_until_it_fails(client)
        wait_until(
            lambda: getattr(refusal(full, "redis"), "code", "") == "disk_full", "whoever comes is told"
        )
        subprocess.run(["mount", "-o", "remount,size=400m", small_disk], check=True)
        wait_until(lambda: answers(client), "it is back without anybody's doing")
        assert client.exists(*map(str, range(acknowledged))) == acknowledged
    wait_until(lambda: not processes_of(full.path), "nothing is left running")


@AS_ROOT
def test_a_disk_that_gets_full_while_postgres_is_made(small_disk: Path) -> None:
    full = Home(small_disk / "awe")
    (small_disk / "ballast").write_bytes(bytes(76_000_000))
    full.path.mkdir(mode=0o711)
    with full.log("postgres").open("ab") as log, pytest.raises((ServerError, OSError)) as caught:
        PostgresServer(full).prepare(
            Spawner(server_account(), log)
        )  # by initdb, or already by the copy of it
    assert isinstance(caught.value, ServerError | OSError)
    assert as_fault(caught.value, full.path).code == "disk_full"


@AS_ROOT
def test_root_with_a_home_that_the_account_cannot_reach(server_home: Path) -> None:
    closed = server_home / "closed"
    closed.mkdir(mode=0o700)
    told = fault(Home(closed / "awe"), "redis")
    assert told.code == "home_unreachable"
    assert str(closed) in told.message
    assert closed.stat().st_mode & 0o777 == 0o700, "no permission is widened"


def test_no_permission_for_the_home(server_home: Path) -> None:
    file = server_home / "file"
    file.touch()
    told = fault(Home(file / "awe"), "redis")
    assert told.code == "start_failed"
    assert "AWE_HOME" in told.hint


def test_the_socket_is_taken_by_a_folder(home: Home) -> None:
    home.redis_socket.mkdir(parents=True)
    assert fault(home, "redis").code in {"address_in_use", "start_failed"}


async def test_a_platform_without_support(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(ServerError) as caught:
        async with embedded_servers():
            pass
    assert caught.value.fault.code == "unsupported_platform"
    assert "AWE_REDIS_URL" in caught.value.fault.hint
    async with embedded_servers(redis_url="redis://r", postgres_url="postgresql://p") as servers:
        assert servers.redis_url == "redis://r", "URLs are fine on any platform"
