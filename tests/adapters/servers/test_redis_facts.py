import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from awe.adapters.servers.durability import Durability
from awe.adapters.servers.redis_answers import RedisAnswers
from awe.adapters.servers.redis_facts import RedisFacts, probe_redis
from awe.adapters.servers.redis_rules import broken_rules
from support.redis_client import connect
from support.servers import ValkeyProcess

SOUND = RedisAnswers(
    product="redis",
    version="7.0.15",
    mode="standalone",
    role="master",
    appendonly=True,
    appendfsync="always",
    maxmemory=1000,
    maxmemory_policy="noeviction",
    used_memory=100,
    clock_skew_ms=3.0,
)


def codes(facts: RedisFacts) -> set[str]:
    return {fault.code for fault in facts.faults}


@pytest.mark.parametrize(("fixture", "product"), [("valkey_url", "valkey"), ("redis_url", "redis")])
def test_a_sound_server_is_reported_with_its_facts(
    fixture: str, product: str, request: pytest.FixtureRequest
) -> None:
    facts = probe_redis(request.getfixturevalue(fixture))
    assert facts.ok
    assert codes(facts) == {"memory_unlimited"}
    assert (facts.reachable, facts.product, facts.mode, facts.role) == (True, product, "standalone", "master")
    assert (facts.appendonly, facts.appendfsync, facts.maxmemory_policy) == (True, "always", "noeviction")
    assert facts.used_memory
    assert facts.pid
    assert facts.data_dir
    assert facts.version is not None
    assert facts.version.startswith({"valkey": "9.", "redis": "7.0"}[product])
    assert facts.clock_skew_ms is not None
    assert abs(facts.clock_skew_ms) < 1000


def test_a_cluster_node_says_so(cluster_url: str) -> None:
    assert probe_redis(cluster_url).mode == "cluster"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, set[str]()),
        ({"version": "6.2.14"}, {"server_too_old"}),
        ({"version": "9.1.2", "product": "valkey"}, set[str]()),
        ({"role": "slave"}, {"replica"}),
        ({"appendonly": False, "appendfsync": "everysec"}, {"aof_off"}),
        ({"appendfsync": "everysec"}, {"fsync_weak"}),
        ({"appendfsync": None}, {"settings_hidden"}),
        ({"maxmemory_policy": "allkeys-lru"}, {"evicts"}),
        ({"maxmemory": 0}, {"memory_unlimited"}),
        ({"used_memory": 700}, {"memory_high"}),
        ({"used_memory": 950}, {"memory_limit_reached"}),
        ({"clock_skew_ms": -1500.0}, {"clock_skew"}),
    ],
)
def test_each_broken_rule_is_a_fault(changed: dict[str, object], expected: set[str]) -> None:
    """Among them I10: more skew of the clocks than is tolerated."""
    faults = broken_rules(SOUND.model_copy(update=changed), "always", 1000)
    assert {fault.code for fault in faults} == expected
    assert all(fault.message and fault.hint for fault in faults)


@pytest.mark.parametrize("durability", ["everysec", "archived"])
def test_i20_a_weaker_promise_admits_everysec_but_not_none(durability: Durability) -> None:
    for fsync, expected in (("everysec", set[str]()), ("no", {"fsync_weak"})):
        answers = SOUND.model_copy(update={"appendfsync": fsync})
        assert {fault.code for fault in broken_rules(answers, durability, 1000)} == expected


def test_a_badly_set_server_is_told_apart(server_home: Path) -> None:
    with ValkeyProcess(server_home / "v", "--appendonly", "no", "--maxmemory", "1500000") as server:
        facts = probe_redis(server.url)
    assert codes(facts) >= {"aof_off", "memory_limit_reached"} or codes(facts) >= {"aof_off", "memory_high"}
    assert not facts.ok


def test_a_server_that_hides_its_settings_is_a_warning(own_valkey: ValkeyProcess) -> None:
    with connect(own_valkey.url) as client:
        client.execute_command("ACL SETUSER guest on >s3cret ~* +@all -config")
    facts = probe_redis(own_valkey.url + "?username=guest&password=s3cret")
    assert facts.ok
    assert "settings_hidden" in codes(facts)
    assert "s3cret" not in repr(facts)


def test_a_wrong_password_is_told_without_it(own_valkey: ValkeyProcess) -> None:
    facts = probe_redis(own_valkey.url + "?username=guest&password=s3cret")
    assert codes(facts) == {"auth_failed"}
    assert "s3cret" not in repr(facts)


def test_a_user_without_rights_is_told(own_valkey: ValkeyProcess) -> None:
    with connect(own_valkey.url) as client:
        client.execute_command("ACL SETUSER guest on >pw ~* +ping")
    assert codes(probe_redis(own_valkey.url + "?username=guest&password=pw")) == {"auth_failed"}


def test_a_paused_server_is_unreachable_in_time(own_valkey: ValkeyProcess) -> None:
    own_valkey.pause()
    facts = probe_redis(own_valkey.url, timeout_s=0.2)
    own_valkey.resume()
    assert codes(facts) == {"unreachable"}
    assert "did not answer in time" in facts.faults[0].message


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://127.0.0.1:1/0", "nothing listens there"),
        ("redis://host.invalid", "its host name is not known"),
        ("unix:///nonexistent/redis.sock", "there is no such socket"),
    ],
)
def test_a_server_that_is_away_is_told_with_the_reason(url: str, reason: str) -> None:
    facts = probe_redis(url)
    assert codes(facts) == {"unreachable"}
    assert reason in facts.faults[0].message
    assert "AWE_REDIS_URL" in facts.faults[0].hint


@pytest.mark.parametrize("url", ["nonsense", "redis://u:s3cret@h:port", "redis://[s3cret"])
def test_a_url_that_makes_no_sense_is_told_without_its_password(url: str) -> None:
    facts = probe_redis(url)
    assert codes(facts) == {"wrong_url"}
    assert "s3cret" not in repr(facts)


def test_another_program_at_the_port_is_told() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert codes(probe_redis(f"redis://127.0.0.1:{port}")) == {"wrong_server"}


def test_a_server_that_is_loading_is_told() -> None:
    with answering(b"-LOADING the dataset is in memory\r\n" * 5) as port:
        assert codes(probe_redis(f"redis://127.0.0.1:{port}")) == {"loading"}


@contextmanager
def answering(reply: bytes) -> Generator[int]:
    """A port where every connection gets this reply."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(1000)
                        connection.sendall(reply)
                        connection.settimeout(1)
                        connection.recv(1000)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
