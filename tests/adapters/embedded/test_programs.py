import os
import sys
from pathlib import Path

import pytest

from awe.adapters.embedded import programs
from awe.adapters.embedded.account import Account, server_account
from awe.adapters.embedded.carriers import postgres_programs, valkey_binary
from awe.adapters.embedded.copies import readable_copy
from awe.adapters.embedded.home import Home
from awe.adapters.embedded.postgres_server import PostgresServer
from awe.adapters.embedded.process import Spawner
from awe.adapters.embedded.programs import Program, postgres_servers, redis_servers
from awe.adapters.embedded.redis_server import RedisServer, can_read
from awe.adapters.servers.faults import ServerError


@pytest.fixture
def bin_folder(server_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, empty."""
    folder = server_home / "bin"
    folder.mkdir(mode=0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def account(server_home: Path) -> Account | None:
    (server_home / "copies").mkdir(mode=0o755)
    return server_account()


def put(folder: Path, name: str, version: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)
    return program


def test_without_any_on_path_the_wheels_serve(
    bin_folder: Path, server_home: Path, account: Account | None
) -> None:
    copies = server_home / "copies"
    assert bin_folder.is_dir()
    [redis] = redis_servers(copies, account)
    [postgres] = postgres_servers(copies, account)
    assert (redis.product, redis.version[0]) == ("valkey", 9)
    assert (postgres.product, postgres.version[0]) == ("postgres", 18)


def test_programs_on_path_come_before_the_wheels(
    bin_folder: Path, server_home: Path, account: Account | None
) -> None:
    valkey = put(bin_folder, "valkey-server", "Valkey server v=8.1.4 sha=0:0 malloc=x")
    redis = put(bin_folder, "redis-server", "Redis server v=7.0.15 sha=0:0")
    postgres = put(bin_folder, "postgres", "postgres (PostgreSQL) 16.3 (Debian 16.3-1)")
    put(bin_folder, "initdb", "")
    found = list(redis_servers(server_home / "copies", account))
    assert [(each.path, str(each)) for each in found[:2]] == [(valkey, "valkey 8.1"), (redis, "redis 7.0")]
    assert len(found) == 3
    assert str(next(postgres_servers(server_home / "copies", account))) == "postgres 16.3"
    assert next(postgres_servers(server_home / "copies", account)).path == postgres


def test_programs_that_cannot_serve_are_passed_over(
    bin_folder: Path, server_home: Path, account: Account | None
) -> None:
    put(bin_folder, "redis-server", "Redis server v=6.2.14 sha=0:0")
    put(bin_folder, "valkey-server", "what?")
    put(bin_folder, "postgres", "postgres (PostgreSQL) 14.9")
    put(bin_folder, "initdb", "")
    assert [each.product for each in redis_servers(server_home / "copies", account)] == ["valkey"]
    assert [each.version[0] for each in postgres_servers(server_home / "copies", account)] == [18]
    (bin_folder / "initdb").unlink()
    put(bin_folder, "postgres", "postgres (PostgreSQL) 16.3")
    assert [each.version[0] for each in postgres_servers(server_home / "copies", account)] == [18], (
        "no initdb beside"
    )
    (bin_folder / "redis-server").write_text("no program")
    assert [each.product for each in redis_servers(server_home / "copies", account)] == ["valkey"]


def test_a_link_is_followed_to_where_initdb_stands(
    bin_folder: Path, server_home: Path, account: Account | None
) -> None:
    real = server_home / "real"
    real.mkdir(mode=0o755)
    put(real, "initdb", "")
    (bin_folder / "postgres").symlink_to(put(real, "postgres", "postgres (PostgreSQL) 17.0"))
    assert next(postgres_servers(server_home / "copies", account)).path == real / "postgres"


@pytest.mark.parametrize("kind", ["redis", "postgres"])
def test_no_program_at_all_says_what_to_install(
    kind: str, bin_folder: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bin_folder.is_dir()
    monkeypatch.setattr(programs, "valkey_binary", lambda: None)
    monkeypatch.setattr(programs, "postgres_programs", lambda: None)
    home.path.mkdir(mode=0o711)
    server = RedisServer(home) if kind == "redis" else PostgresServer(home)
    with home.log("redis").open("ab") as log, pytest.raises(ServerError) as caught:
        server.prepare(Spawner(server_account(), log))
    assert caught.value.fault.code == "no_server_program"
    assert f"AWE_{kind.upper()}_URL" in caught.value.fault.hint


def test_data_of_one_server_are_served_by_one_that_reads_them(bin_folder: Path, home: Home) -> None:
    put(bin_folder, "redis-server", "Redis server v=7.0.15 sha=0:0")
    home.path.mkdir(mode=0o711)
    home.programs.mkdir(mode=0o755)
    home.redis_made_by.write_text("valkey 9.1\n")
    with home.log("redis").open("ab") as log:
        command = RedisServer(home).prepare(Spawner(server_account(), log))
    assert command[0].endswith("/valkey-server")


@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        ("redis 7.0", "redis 7.0", True),
        ("redis 7.2", "redis 7.0", True),
        ("redis 7.0", "redis 7.2", False),
        ("valkey 9.1", "redis 7.2", True),
        ("valkey 9.1", "redis 7.4", False),
        ("redis 8.2", "valkey 7.2", False),
        ("valkey 9.1", "valkey 8.0", True),
        ("valkey 8.0", "valkey 9.1", False),
    ],
)
def test_which_server_reads_whose_data(reader: str, writer: str, *, expected: bool) -> None:
    assert can_read(parsed(reader), parsed(writer)) is expected


def parsed(text: str) -> Program:
    product, _, version = text.partition(" ")
    major, _, minor = version.partition(".")
    return Program(Path(), product, (int(major), int(minor)))


def test_a_copy_is_readable_for_all_and_whole_or_absent(server_home: Path) -> None:
    source, target = server_home / "source", server_home / "target"
    (source / "deep" / "er").mkdir(parents=True, mode=0o700)
    (source / "deep" / "er" / "file").write_text("x")
    (source / "program").write_text("p")
    (source / "other").write_text("o")
    for path in (*source.rglob("*"), source):
        path.chmod(0o700 if path.is_dir() else 0o600)
    (server_home / ".target.unfinished" / "half").mkdir(parents=True)
    before = os.umask(0o077)
    try:
        assert readable_copy(source, ["deep", "program"], target) == target
    finally:
        os.umask(before)
    assert sorted(path.relative_to(target).as_posix() for path in target.rglob("*")) == [
        "deep",
        "deep/er",
        "deep/er/file",
        "program",
    ]
    assert all(path.stat().st_mode & 0o055 == 0o055 for path in (target, *target.rglob("*")))
    assert not (server_home / ".target.unfinished").exists()
    (source / "program").write_text("changed")
    assert (readable_copy(source, ["program"], target) / "program").read_text() == "p"


def test_wheels_without_a_binary_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert valkey_binary() is not None
    assert postgres_programs() is not None
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert valkey_binary() is None
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr("awe.adapters.embedded.carriers.find_spec", dict[str, None]().get)
    assert valkey_binary() is None
    assert postgres_programs() is None
