"""What the compose file says, as the compose program itself reads it."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import pytest

from awe.adapters.servers.redis_facts import probe_redis
from awe.adapters.work_queue.application import DRAIN_S
from awe.api.roles.engine import Roles
from awe.api.settings import Settings
from deploy.conftest import DEPLOY, NO_FILE, PASSWORDS, PROGRAMS, Program
from deploy.test_image import PROJECT
from support.server_process import ValkeyPortProcess

ROLES: Final = ("serve", "scheduler", "worker", "projector")
SERVERS: Final = ("redis", "postgres")
MARGIN_S: Final = 10
"""What a process needs beside the draining of its worker or its requests."""


@pytest.fixture(params=[*ROLES, *SERVERS])
def service(request: pytest.FixtureRequest, compose: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = compose["services"][request.param]
    return found


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest, compose: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = compose["services"][request.param]
    return found


def test_compose_accepts_the_file_and_there_is_a_service_for_each_role(program: Program) -> None:
    said = program("docker-compose", *NO_FILE, "config", "--quiet", **PASSWORDS)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    named = program("docker-compose", *NO_FILE, "config", "--services", **PASSWORDS).stdout.split()
    assert sorted(named) == sorted([*ROLES, *SERVERS])


@pytest.mark.parametrize("forgotten", PASSWORDS)
def test_without_a_password_nothing_starts(program: Program, forgotten: str) -> None:
    said = program("docker-compose", *NO_FILE, "config", "--quiet", **(PASSWORDS | {forgotten: ""}))
    assert said.returncode != 0
    assert f"required variable {forgotten} is missing a value: set it in .env" in said.stderr


def test_the_example_of_an_environment_names_every_variable_of_the_file(program: Program) -> None:
    said = program("docker-compose", *NO_FILE, "config", "--variables", **PASSWORDS)
    used = {line.split()[0] for line in said.stdout.splitlines()[1:]}
    example = (DEPLOY / "env.example").read_text(encoding="utf-8")
    named = {
        line.lstrip("#").partition("=")[0] for line in example.splitlines() if "=" in line and " " not in line
    }
    assert named == used


def test_every_service_is_hardened_and_bounded(service: Mapping[str, Any]) -> None:
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all("nosuid,nodev" in each and "size=" in each for each in service["tmpfs"])
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["restart"] == "unless-stopped"


def test_no_service_is_root(compose: Mapping[str, Any]) -> None:
    assert {name: each["user"] for name, each in compose["services"].items() if "user" in each} == {
        "redis": "valkey",
        "postgres": "postgres",
    }  # the others run as the image says


def test_the_first_start_waits_for_the_servers_and_each_server_says_when_it_is_well(
    role: Mapping[str, Any], compose: Mapping[str, Any]
) -> None:
    assert {name: each["condition"] for name, each in role["depends_on"].items()} == dict.fromkeys(
        SERVERS, "service_healthy"
    )
    assert all(compose["services"][name]["healthcheck"]["test"] for name in SERVERS)


def test_only_who_serves_is_asked_for_its_health(compose: Mapping[str, Any]) -> None:
    asked = {name: compose["services"][name]["healthcheck"] for name in ROLES}
    assert asked.pop("serve")["test"][-1] == "/readyz"
    assert all(each == {"disable": True} for each in asked.values())


def test_a_role_gets_the_time_to_drain(role: Mapping[str, Any]) -> None:
    grace = seconds(role["stop_grace_period"])
    assert grace >= max(Roles().drain_s, DRAIN_S, Settings().http_drain_s) + MARGIN_S
    assert role["init"]


def test_servers_are_reached_from_inside_only(compose: Mapping[str, Any]) -> None:
    assert compose["networks"]["servers"]["internal"]
    assert all(set(compose["services"][name]["networks"]) == {"servers"} for name in SERVERS)
    published = {name: each["ports"] for name, each in compose["services"].items() if "ports" in each}
    assert set(published) == {"serve"}
    assert all(ip_address(each["host_ip"]).is_loopback for each in published["serve"])


def test_what_must_last_is_on_volumes(compose: Mapping[str, Any]) -> None:
    kept = {
        name: {each["target"]: each["source"] for each in service.get("volumes", ())}
        for name, service in compose["services"].items()
    }
    assert kept["redis"] == {"/data": "redis"}
    assert kept["postgres"] == {"/var/lib/postgresql": "postgres"}
    for name in ("serve", "scheduler", "worker"):
        settings = compose["services"][name]["environment"]
        assert kept[name] == {settings["AWE_HOME"]: "home"}


def test_images_have_a_tag_and_may_be_named_by_digest(program: Program, compose: Mapping[str, Any]) -> None:
    assert {compose["services"][name]["image"] for name in ROLES} == {f"awe-engine:{PROJECT['version']}"}
    digest = f"example.org/it@sha256:{'0' * 64}"
    images = ("ENGINE_IMAGE", "REDIS_IMAGE", "POSTGRES_IMAGE")
    said = program(
        "docker-compose", *NO_FILE, "config", "--images", **PASSWORDS, **dict.fromkeys(images, digest)
    )
    assert set(said.stdout.split()) == {digest}


class ComposedValkey(ValkeyPortProcess):
    """The Valkey of the tests, started as the compose file starts its own; only places and port are other ones."""

    def __init__(self, home: Path, service: Mapping[str, Any]) -> None:
        super().__init__(home)
        self._service = service
        self._password = service["environment"]["VALKEYCLI_AUTH"]

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def _prepare(self) -> None:
        super()._prepare()
        told = (DEPLOY / "redis.conf").read_text(encoding="utf-8")
        assert "bind * -::*\n" in told
        assert "port 6379\n" in told
        moved = told.replace("bind * -::*", "bind 127.0.0.1").replace("port 6379", f"port {self.port}")
        (self.home / "etc.conf").write_text(f"{moved}dir {self.data}\n", encoding="utf-8")
        (self.home / "etc.conf").chmod(0o644)

    def _command(self) -> list[str]:
        shell, option, script = (part.replace("$$", "$") for part in self._service["command"])
        for there, here in (("/etc/awe/redis.conf", "etc.conf"), ("/tmp/redis.conf", "data/made.conf")):  # noqa: S108
            assert there in script
            script = script.replace(there, str(self.home / here))
        script = script.replace("exec valkey-server", f"exec {self._binary()}")
        return [shell, option, f"VALKEYCLI_AUTH={self._password}; {script}"]


def test_redis_is_as_the_doctor_wants_it_and_asks_for_its_password(
    server_home: Path, compose: Mapping[str, Any]
) -> None:
    with ComposedValkey(server_home / "server", compose["services"]["redis"]) as server:
        found = probe_redis(server.url, durability="always", clock_skew_ms=1000, timeout_s=5.0)
        assert (found.reachable, found.faults) == (True, ())
        stranger = probe_redis(
            server.url.replace(":of-redis@", ""), durability="always", clock_skew_ms=1000, timeout_s=5.0
        )
        assert not stranger.reachable


def seconds(period: str) -> float:
    """Of what compose prints: minutes and seconds."""
    minutes, _, rest = period.rpartition("m")
    return timedelta(minutes=float(minutes or 0), seconds=float(rest.removesuffix("s"))).total_seconds()


def test_the_programs_are_those_of_the_test_requirements() -> None:
    assert all((PROGRAMS / name).exists() for name in ("docker-compose", "hadolint", "kubectl"))
