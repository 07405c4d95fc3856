"""`awe doctor` on real servers: what is well, what is wrong, and that it leaves everything as it was."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from awe.adapters.embedded import programs, refusals
from awe.adapters.embedded.home import Home
from awe.adapters.embedded.ownership import servers_in, take_lock
from awe.adapters.embedded.servers import leases
from awe.api.cli.exit_codes import ExitCode
from support.cli import Cli, Ended
from support.redis_client import connect
from support.server_process import ValkeyProcess

Check = dict[str, str]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, server_home: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWE_HOME", str(server_home / "awe"))


def document(ended: Ended) -> list[Check]:
    told = json.loads(ended.out)
    assert told["ok"] is (ended.code is ExitCode.OK)
    checks: list[Check] = told["checks"]
    return checks


def found(checks: list[Check], area: str, name: str) -> Check:
    (check,) = (check for check in checks if (check["area"], check["name"]) == (area, name))
    return check


def wrong(checks: list[Check]) -> dict[str, str]:
    """What is not ok: code and status."""
    return {check["code"]: check["status"] for check in checks if check["status"] != "ok"}


def test_servers_that_are_well(
    cli: Cli, valkey_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWE_REDIS_URL", valkey_url)
    monkeypatch.setenv("AWE_POSTGRES_URL", postgres_url)
    ended = cli("doctor", "--output", "json")
    checks = document(ended)
    assert ended.code is ExitCode.OK
    assert set(wrong(checks)) <= {"memory_unlimited"}  # the tests' server has no limit
    assert found(checks, "redis", "durability")["message"] == "appendonly yes, appendfsync always"
    assert found(checks, "redis", "server")["message"].startswith(
        "valkey 9.1.2, named by AWE_REDIS_URL: unix://"
    )
    assert found(checks, "postgres", "durability")["message"] == (
        "fsync on, full_page_writes on, synchronous_commit on"
    )
    assert not [check for check in checks if check["area"] == "embedded"]


def test_the_report_for_people(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_REDIS_URL", "redis://127.0.0.1:1")
    ended = cli("doctor")
    lines = ended.out.splitlines()
    assert (ended.code, ended.err) == (ExitCode.ERROR, "")
    assert lines[0].split()[:3] == ["ok", "installation", "awe"]
    (fault,) = (number for number, line in enumerate(lines) if line.startswith("fault"))
    assert "redis server" in lines[fault]
    assert lines[fault + 1].strip().startswith("hint: ")
    assert lines[-1].endswith(", 0 warnings, 1 fault")


@pytest.mark.parametrize("form", ["table", "json"])
def test_no_password_is_shown(cli: Cli, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_REDIS_URL", "redis://me:hunter2@127.0.0.1:1/0")
    monkeypatch.setenv("AWE_POSTGRES_URL", "postgresql://me:hunter2@127.0.0.1:1/awe?password=hunter2")
    ended = cli("doctor", "-o", form)
    assert ended.code is ExitCode.ERROR
    assert "hunter2" not in ended.out + ended.err
    assert "127.0.0.1:1" in ended.out


def test_nothing_is_started_or_made(cli: Cli, server_home: Path) -> None:
    ended = cli("doctor", "-o", "json")
    checks = document(ended)
    assert (ended.code, wrong(checks)) == (ExitCode.OK, {})
    for kind in ("redis", "postgres"):
        message = found(checks, kind, "server")["message"]
        assert message.startswith("not running; ")
        assert message.endswith(" is started on demand by the first command that needs it")
        assert found(checks, "embedded", f"{kind} data")["message"].endswith(", not made yet")
    assert not (server_home / "awe").exists()


def test_embedded_servers_at_work(cli: Cli, server_home: Path) -> None:
    home = Home(server_home / "awe")
    with leases(home.path, ("redis", "postgres"), linger_s=0) as held:
        for lease in held.values():
            lease.url.result()
        checks = document(cli("doctor", "-o", "json"))
        (valkey,) = servers_in(home.data("redis"))
        postmaster = (home.data("postgres") / "postmaster.pid").read_text().split()[0]
    assert wrong(checks) == {}
    for kind, pid in (("redis", valkey), ("postgres", postmaster)):
        assert found(checks, "embedded", f"{kind} data")["message"].endswith(f", served by process {pid}")
        assert ", embedded: " in found(checks, kind, "server")["message"]
    assert (
        found(checks, "redis", "partitions")["message"]
        == "none yet; they are made when the engine first starts"
    )


def test_a_server_that_awe_did_not_start_is_a_second_instance(
    cli: Cli, server_home: Path, own_valkey: ValkeyProcess
) -> None:
    home = Home(server_home / "awe")
    home.path.mkdir()
    home.data("redis").symlink_to(own_valkey.data)
    checks = document(cli("doctor", "-o", "json"))
    assert wrong(checks)["second_instance"] == "fault"
    assert str(own_valkey.pid) in found(checks, "embedded", "redis data")["message"]


def test_a_lock_without_a_server_is_a_warning_and_a_left_lock_file_is_nothing(
    cli: Cli, server_home: Path
) -> None:
    home = Home(server_home / "awe")
    home.path.mkdir()
    lock = take_lock(home.lock("redis"))
    assert lock is not None
    try:
        assert wrong(document(cli("doctor", "-o", "json"))) == {"lock_held": "warning"}
    finally:
        os.close(lock)
    assert wrong(document(cli("doctor", "-o", "json"))) == {}


def test_what_would_lose_events_is_a_fault(
    cli: Cli, own_valkey: ValkeyProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWE_REDIS_URL", own_valkey.url)
    client: Any = connect(own_valkey.url)
    client.config_set("appendonly", "no")
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.config_set("maxmemory", "1gb")
    ended = cli("doctor", "-o", "json")
    assert ended.code is ExitCode.ERROR
    assert wrong(document(ended)) == {"aof_off": "fault", "evicts": "fault"}
    client.config_set("appendonly", "yes")
    client.config_set("maxmemory-policy", "noeviction")
    checks = document(cli("doctor", "-o", "json"))
    assert wrong(checks) == {}
    assert found(checks, "redis", "memory")["message"].endswith(" used of 1.0 GiB")
    client.close()


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"layout": 1, "state": "open", "partitions": 4}, {}),
        ({"layout": 1, "state": "closed", "partitions": 4}, {"partition_closed": "warning"}),
        ({"layout": 1, "state": "halted", "partitions": 4}, {"partition_halted": "fault"}),
        ({"layout": 9, "state": "open", "partitions": 4}, {"layout_unknown": "fault"}),
        ({"layout": 1, "state": "open", "partitions": 3}, {"partitions_differ": "fault"}),
    ],
)
def test_i09_the_layout_and_state_of_each_partition(
    cli: Cli,
    own_valkey: ValkeyProcess,
    monkeypatch: pytest.MonkeyPatch,
    meta: dict[str, Any],
    expected: dict[str, str],
) -> None:
    monkeypatch.setenv("AWE_REDIS_URL", own_valkey.url)
    monkeypatch.setenv("AWE_PARTITIONS", "4")
    client: Any = connect(own_valkey.url)
    client.config_set("maxmemory", "1gb")
    client.hset("{awe.00}:m", mapping={"layout": 1, "state": "open", "partitions": 4, "epoch": 3, "n": 12})
    client.hset("{awe.07}:m", mapping=meta)
    client.close()
    checks = document(cli("doctor", "-o", "json"))
    assert wrong(checks) == expected
    if not expected:
        assert found(checks, "redis", "partitions")["message"] == (
            "layout 1: awe.00 open, epoch 3, position 12; awe.07 open, epoch 0, position 0"
        )


def test_what_the_healer_reported_is_told(
    cli: Cli, own_valkey: ValkeyProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWE_REDIS_URL", own_valkey.url)
    client: Any = connect(own_valkey.url)
    client.hset(
        "{awe.00}:m", mapping={"layout": 1, "state": "halted", "report": "Log and archive differ at 7."}
    )
    client.close()
    partitions = found(document(cli("doctor", "-o", "json")), "redis", "partitions")
    assert partitions["message"] == "Partition awe.00 is halted: Log and archive differ at 7."


def test_wrong_settings(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_PARTITIONS", "many")
    ended = cli("doctor", "-o", "json")
    assert ended.code is ExitCode.ERROR
    settings = found(document(ended), "settings", "environment")
    assert settings["code"] == "settings_invalid"
    assert "AWE_PARTITIONS" in settings["message"]


def test_debugging_is_no_wrong_setting(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_DEBUG", "1")
    assert cli("doctor").code is ExitCode.OK


def test_a_home_that_cannot_be(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_HOME", "/" + "long" * 40)
    assert wrong(document(cli("doctor", "-o", "json"))) == {"home_path_too_long": "fault"}


def test_a_home_that_is_no_folder(cli: Cli, server_home: Path) -> None:
    (server_home / "awe").touch()
    checks = document(cli("doctor", "-o", "json"))
    assert wrong(checks)["start_failed"] == "fault"
    assert str(server_home / "awe") in found(checks, "embedded", "redis data")["message"]


def test_a_full_disk(cli: Cli, server_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (server_home / "awe").mkdir()
    monkeypatch.setattr(refusals, "SPACE_BYTES", 1 << 62)
    checks = document(cli("doctor", "-o", "json"))
    assert wrong(checks) == {"disk_full": "fault"}
    assert found(checks, "embedded", "home")["hint"].startswith("Free at least ")


def test_no_server_to_start(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(programs, "valkey_binary", lambda: None)
    monkeypatch.setattr(programs, "postgres_programs", lambda: None)
    checks = document(cli("doctor", "-o", "json"))
    assert "AWE_REDIS_URL" in found(checks, "redis", "server")["hint"]
    assert "AWE_POSTGRES_URL" in found(checks, "postgres", "server")["hint"]
    assert wrong(checks) == {"no_server_program": "fault"}


def test_a_user_who_may_not_read_the_partitions(
    cli: Cli, own_valkey: ValkeyProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: Any = connect(own_valkey.url)
    client.config_set("maxmemory", "1gb")
    client.acl_setuser(
        "looker", enabled=True, passwords=["+hunter2"], commands=["+info", "+time", "+config|get"]
    )
    client.close()
    monkeypatch.setenv("AWE_REDIS_URL", own_valkey.url.replace("unix://", "unix://looker:hunter2@"))
    ended = cli("doctor", "-o", "json")
    assert wrong(document(ended)) == {"partitions_unreadable": "fault"}
    assert "hunter2" not in ended.out
