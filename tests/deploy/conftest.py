"""What is deployed, as the tools that deploy it read it: compose and kustomize themselves."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import pytest
import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
DEPLOY: Final = ROOT / "deploy"
PROGRAMS: Final = Path(sys.executable).parent
"""The wheels among the test requirements bring `docker-compose`, `hadolint`, `kubectl` and `kubernetes-validate`."""

PASSWORDS: Final = {"REDIS_PASSWORD": "of-redis", "POSTGRES_PASSWORD": "of-postgres"}
"""What the compose file wants before anything else."""
NO_FILE: Final = ("--env-file", os.devnull)
"""Keeps a developer's own .env out."""


class Program(Protocol):
    def __call__(self, name: str, *args: object, **variables: str) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="session")
def program() -> Program:
    """Runs one of those programs in deploy/, with nothing of this environment but what it is given."""

    def run(name: str, *args: object, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAMS / name, *map(str, args)],
            capture_output=True,
            text=True,
            check=False,
            cwd=DEPLOY,
            env={"PATH": f"{PROGRAMS}:{os.defpath}", "HOME": "/nonexistent", **variables},
        )

    return run


@pytest.fixture(scope="session")
def compose(program: Program) -> Mapping[str, Any]:
    """The compose file with everything in its place, as the engine would get it."""
    said = program("docker-compose", *NO_FILE, "config", "--format", "json", **PASSWORDS)
    assert said.returncode == 0, said.stderr
    found: Mapping[str, Any] = json.loads(said.stdout)
    return found


@pytest.fixture(scope="session", params=["base", "overlays/example"])
def kustomization(request: pytest.FixtureRequest, program: Program) -> str:
    """What `kubectl apply --kustomize` would send, for the base and for the example on it."""
    said = program("kubectl", "kustomize", DEPLOY / "kustomize" / request.param)
    assert said.returncode == 0, said.stderr
    assert not said.stderr  # a deprecated field is only a warning
    return said.stdout


@pytest.fixture(scope="session")
def manifests(kustomization: str) -> Sequence[Mapping[str, Any]]:
    return list(yaml.safe_load_all(kustomization))
