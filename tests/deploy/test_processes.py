"""The processes of the compose file, with its commands and its environment, and a goal that runs through them.

Only what a container would bring is other here: the servers' addresses, the places of files, and a port of loopback.
"""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from chaos.engine.roles import Role
from deploy.conftest import PROGRAMS
from deploy.test_compose import ROLES, seconds
from support.goal_folders import one_task
from support.server_process import ValkeyProcess, free_port
from support.waiting import until

KEY: Final = "a-key-of-this-test-and-of-nothing-else"
QUERY: Final = "query ($run: ID!) { run(id: $run) { status outputs } }"


class Answer(NamedTuple):
    """`status` is 0 while nobody listens."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Deployed:
    """The roles at work, and the environment that they share."""

    roles: Mapping[str, Role]
    grace_s: Mapping[str, float]
    environment: Mapping[str, str]
    port: int

    def awe(self, *args: object) -> dict[str, Any]:
        """What a command prints in a container beside them."""
        said = subprocess.run(
            [sys.executable, "-m", "awe", *map(str, args), "--output", "json"],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
        )
        assert said.returncode == 0, said.stderr + self.told
        found: dict[str, Any] = json.loads(said.stdout)
        return found

    def asked(self, path: str, *, key: str = "", query: Mapping[str, Any] | None = None) -> Answer:
        """What the API answers to a GET, or to a POST of a query."""
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                "POST" if query else "GET", path, json.dumps(query) if query else None, headers
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        except ConnectionError:
            return Answer(0, b"")
        finally:
            connection.close()

    def run(self, run: str) -> Mapping[str, Any]:
        """What the API knows of a run; nothing until the read models have it."""
        answer = self.asked("/graphql", key=KEY, query={"query": QUERY, "variables": {"run": run}})
        return (json.loads(answer.body)["data"]["run"] if answer.status == http.client.OK else None) or {}

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until a condition holds; fail with what the roles logged when it does not, or when one of them ends."""
        with suppress(TimeoutError):
            await until(lambda: bool(self.gone) or holds())
            if not self.gone:
                return
        pytest.fail(f"gone are {self.gone}; /readyz says {self.asked('/readyz')}\n{self.told}")

    @property
    def gone(self) -> list[str]:
        return [name for name, role in self.roles.items() if role.process.poll() is not None]

    @property
    def told(self) -> str:
        return "\n".join(f"{name}: ...{role.told[-2_000:]}" for name, role in self.roles.items())


@pytest.fixture
def deployed(
    compose: Mapping[str, Any], own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path
) -> Iterator[Deployed]:
    (tmp_path / "api-keys").write_text(f"tester {KEY}\n", encoding="ascii")
    port = free_port()
    here = {
        "AWE_REDIS_URL": own_valkey.url,
        "AWE_POSTGRES_URL": postgres_database,
        "AWE_HOME": str(tmp_path / "home"),
        "AWE_HTTP_HOST": "127.0.0.1",
        "AWE_HTTP_PORT": str(port),
        "AWE_API_KEYS_FILE": str(tmp_path / "api-keys"),
    }
    container = {"PATH": f"{PROGRAMS}:/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    environments: dict[str, dict[str, str]] = {}
    for name in ROLES:
        composed: Mapping[str, str] = compose["services"][name]["environment"]
        moved = {variable: here.get(variable, value) for variable, value in composed.items()}
        environments[name] = container | moved
    roles = {
        name: Role(environments[name], tmp_path / f"{name}.log", *compose["services"][name]["command"])
        for name in ROLES
    }
    grace = {name: seconds(compose["services"][name]["stop_grace_period"]) for name in ROLES}
    with ExitStack() as held:
        for role in roles.values():
            role.start()
            held.callback(role.kill9)  # no harm to one that has ended
        yield Deployed(roles, grace, environments["worker"], port)


@pytest.fixture
def goal(tmp_path: Path) -> Path:
    folder = tmp_path / "goal"
    folder.mkdir()
    (folder / "goal.yaml").write_text("goal: count the words\n", encoding="utf-8")
    plan = one_task("text.count", text="four words are here")
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return folder


async def test_a_goal_runs_through_the_composed_processes_which_end_in_their_time(
    deployed: Deployed, goal: Path
) -> None:
    await deployed.until(lambda: deployed.asked("/readyz").status == http.client.OK)
    assert deployed.asked("/healthz").status == http.client.OK
    assert deployed.asked("/graphql", query={"query": "{ __typename }"}).status == http.client.UNAUTHORIZED

    run = deployed.awe("run", goal, "--detach")["run"]
    await deployed.until(lambda: deployed.run(run).get("status") in {"SUCCEEDED", "FAILED"})
    assert deployed.run(run)["outputs"]["only"]["words"] == 4
    assert deployed.awe("runs", "show", run)["status"] == "succeeded"

    for role in deployed.roles.values():
        role.process.terminate()
    ends = {name: role.process.wait(deployed.grace_s[name]) for name, role in deployed.roles.items()}
    assert ends == dict.fromkeys(ROLES, 0), deployed.told
