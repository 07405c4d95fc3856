"""Whoever is killed, and whenever: one server per data folder, every acknowledged write, and it is back by itself."""

import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress

import psutil
import psycopg
import pytest
import redis

from awe.adapters.embedded.home import KINDS, Home, Kind
from awe.adapters.embedded.servers import leases
from support.embedded_user import EmbeddedUser, gone, server_pid, supervisor_pid, wait_until
from support.redis_client import connect

WHO: dict[str, Callable[[Home, Kind], int]] = {"server": server_pid, "supervisor": supervisor_pid}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_process_is_replaced_under_its_users(home: Home, kind: Kind, who: str) -> None:
    with leases(home.path, [kind], linger_s=0) as held:
        url = held[kind].url.result()
        write(url, kind)
        killed = WHO[who](home, kind)
        server = server_pid(home, kind)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: gone(killed, server), "the server ends with its supervisor")
        wait_until(lambda: answers(url, kind), "it is back")
        assert written(url, kind) == 1
        assert server_pid(home, kind) != server, "and there is exactly one"
        assert ("is started again" in home.log(kind).read_text()) == (who == "server")


@pytest.mark.parametrize("kind", KINDS)
def test_when_all_are_killed_at_once_the_next_start_finds_every_write(home: Home, kind: Kind) -> None:
    user = EmbeddedUser(home, [kind])
    write(user.told[kind], kind)
    server = psutil.Process(server_pid(home, kind))
    everyone = [user.process.pid, server.ppid(), server.pid, *(child.pid for child in server.children())]
    for pid in everyone:
        with suppress(ProcessLookupError):  # a child ends by itself, or with its server
            os.kill(pid, signal.SIGKILL)
    user.end(signal.SIGKILL)
    with EmbeddedUser(home, [kind]) as again:
        assert written(again.told[kind], kind) == 1
        assert server_pid(home, kind) not in everyone


def test_kills_at_random_moments_lose_no_acknowledged_write(home: Home) -> None:
    chance = random.Random(7)
    acknowledged = 0
    for _ in range(6):
        users = [EmbeddedUser(home, ["redis"], linger_s=0) for _ in range(2)]
        url = users[chance.randrange(2)].told["redis"]
        with connect(url) as client:
            for _ in range(chance.randrange(40)):
                acknowledged = client.incr("n")
        victims = [
            server_pid(home, "redis"),
            supervisor_pid(home, "redis"),
            *(user.process.pid for user in users),
        ]
        for pid in chance.sample(victims, chance.randrange(1, 4)):
            os.kill(pid, signal.SIGKILL)
        if chance.random() < 0.5:
            with (
                EmbeddedUser(home, ["redis"], linger_s=0) as next_user,
                connect(next_user.told["redis"]) as client,
            ):
                assert int(client.get("n") or 0) >= acknowledged
                assert server_pid(home, "redis")
        for user in users:
            user.end(signal.SIGKILL)
    with EmbeddedUser(home, ["redis"], linger_s=0) as last, connect(last.told["redis"]) as client:
        assert int(client.get("n") or 0) >= acknowledged > 0


def test_a_kill_during_the_first_start_leaves_nothing_in_the_way(home: Home) -> None:
    half = home.path / "postgres.unfinished" / "base"
    user = EmbeddedUser(home, ["postgres"])
    wait_until(half.exists, "initdb is at work")
    for process in psutil.process_iter(["cmdline"]):
        if str(home.path) in (process.info["cmdline"] or []) and "supervisor" in str(process.info["cmdline"]):
            process.kill()
    with EmbeddedUser(home, ["postgres"]) as again:
        write(again.told["postgres"], "postgres")
        assert not half.exists()
    user.end(signal.SIGKILL)


def write(url: str, kind: Kind) -> None:
    if kind == "redis":
        with connect(url) as client:
            client.set("x", 1)
    else:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE x AS SELECT 1 AS n")


def written(url: str, kind: Kind) -> int:
    if kind == "redis":
        with connect(url) as client:
            return int(client.get("x"))
    with psycopg.connect(url) as connection:
        [[number]] = connection.execute("SELECT n FROM x").fetchall()
        return int(number)


def answers(url: str, kind: Kind) -> bool:
    try:
        written(url, kind)
    except (redis.ConnectionError, psycopg.OperationalError):
        return False
    return True
