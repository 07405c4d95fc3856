"""Whatever is set in what is deployed is a setting of this release: a name that is not known stops the start."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from awe.api.settings import Settings
from deploy.conftest import DEPLOY
from deploy.test_compose import ROLES
from deploy.test_manifests import Manifest, of_kind, parts

KNOWN: Final = {f"AWE_{name.upper()}" for name in Settings.model_fields}
FILES: Final = sorted(
    file
    for file in (*DEPLOY.rglob("*"), DEPLOY.parent / "docs" / "guides" / "deploying.md")
    if file.is_file()
    and "__pycache__" not in file.parts
    and file.name != ".env"
    and "secrets" not in file.parts
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_variable_named_is_a_setting(file: Any) -> None:
    assert set(re.findall(r"\bAWE_[A-Z_]*[A-Z]\b", file.read_text(encoding="utf-8"))) <= KNOWN


@pytest.mark.parametrize("role", ROLES)
def test_a_composed_role_accepts_its_environment(compose: Mapping[str, Any], role: str) -> None:
    accepted(compose["services"][role]["environment"])


def test_a_pod_accepts_its_environment(manifests: Sequence[Manifest]) -> None:
    maps = {each["metadata"]["name"]: each["data"] for each in of_kind(manifests, "ConfigMap")}
    urls = {
        "redis-url": "rediss://:it@redis.example.org",
        "postgres-url": "postgresql://awe:it@postgres.example.org",
    }
    for deployment in of_kind(manifests, "Deployment"):
        container = parts(deployment)[1]
        given: dict[str, str] = {}
        for source in container["envFrom"]:
            given |= maps[source["configMapRef"]["name"]]
        for each in container["env"]:
            given[each["name"]] = (
                each["value"] if "value" in each else urls[each["valueFrom"]["secretKeyRef"]["key"]]
            )
        accepted(given)


def accepted(environment: Mapping[str, str]) -> None:
    settings = Settings.from_environment(environment)
    assert not settings.embedded
    assert settings.partition_count == 16
    assert settings.durability == "always"
