"""What kustomize makes of the base and of the example: right by schema, restricted, and nothing refers to nothing."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from awe.api.roles.engine import Roles
from awe.api.settings import Settings
from deploy.conftest import DEPLOY, Program
from deploy.test_compose import MARGIN_S, ROLES
from deploy.test_image import PROJECT

Manifest = Mapping[str, Any]
CLUSTERS: Final = ("1.31", "1.37")
SECRETS: Final = {"awe-servers": {"redis-url", "postgres-url"}, "awe-api-keys": {"api-keys"}}
"""What the guide has an operator make."""


@pytest.fixture(params=ROLES)
def deployment(request: pytest.FixtureRequest, manifests: Sequence[Manifest]) -> Manifest:
    (found,) = (
        each
        for each in of_kind(manifests, "Deployment")
        if each["metadata"]["name"] == f"awe-{request.param}"
    )
    return found


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_every_manifest_is_right_by_the_schema_of_its_kind(
    program: Program, kustomization: str, manifests: Sequence[Manifest], tmp_path: Path, cluster: str
) -> None:
    (tmp_path / "all.yaml").write_text(kustomization, encoding="utf-8")
    said = program("kubernetes-validate", "--strict", "--kubernetes-version", cluster, tmp_path / "all.yaml")
    assert said.returncode == 0, said.stdout + said.stderr
    told = (said.stdout + said.stderr).splitlines()
    assert len(told) == len(manifests)
    assert all(" passed for resource " in line for line in told)  # a kind without a schema is only a warning


def test_a_misspelt_field_would_be_found(program: Program, kustomization: str, tmp_path: Path) -> None:
    assert "readinessProbe" in kustomization
    (tmp_path / "all.yaml").write_text(
        kustomization.replace("readinessProbe", "readynessProbe"), encoding="utf-8"
    )
    assert program("kubernetes-validate", "--strict", tmp_path / "all.yaml").returncode != 0


def test_there_is_a_deployment_with_a_disruption_budget_for_each_role(manifests: Sequence[Manifest]) -> None:
    names = {f"awe-{role}" for role in ROLES}
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert {each["metadata"]["name"] for each in of_kind(manifests, kind)} == names
    for budget in of_kind(manifests, "PodDisruptionBudget"):
        (held,) = chosen(manifests, budget["spec"]["selector"])
        assert held["metadata"]["name"] == budget["metadata"]["name"]


def test_pods_meet_the_restricted_standard(deployment: Manifest) -> None:
    pod, container = parts(deployment)
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod.keys()
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    kinds = {kind for volume in pod["volumes"] for kind in volume if kind != "name"}
    assert kinds <= {"emptyDir", "persistentVolumeClaim", "secret"}
    assert not pod["automountServiceAccountToken"]


def test_no_variable_of_a_service_stops_the_start(deployment: Manifest) -> None:
    assert parts(deployment)[0]["enableServiceLinks"] is False


def test_containers_are_bounded_run_their_role_and_have_the_version_of_the_project(
    deployment: Manifest,
) -> None:
    _, container = parts(deployment)
    resources = container["resources"]
    assert resources["requests"].keys() >= {"cpu", "memory"}
    assert resources["limits"]["memory"] == resources["requests"]["memory"]
    assert container["args"] == [deployment["metadata"]["name"].removeprefix("awe-")]
    assert "command" not in container
    assert container["image"].endswith(f"awe-engine:{PROJECT['version']}")


def test_pods_get_the_time_to_drain(deployment: Manifest) -> None:
    pod, container = parts(deployment)
    slept = int(container["lifecycle"]["preStop"]["exec"]["command"][1]) if "lifecycle" in container else 0
    assert (
        pod["terminationGracePeriodSeconds"]
        >= slept + max(Roles().drain_s, Settings().http_drain_s) + MARGIN_S
    )
    assert pod["shareProcessNamespace"]  # somebody reaps


def test_who_serves_is_asked_and_nobody_else(deployment: Manifest) -> None:
    _, container = parts(deployment)
    asked = {name: probe["httpGet"]["path"] for name, probe in container.items() if name.endswith("Probe")}
    serves = container["args"] == ["serve"]
    health = {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    assert asked == (health if serves else {})


def test_whatever_is_referred_to_is_there_or_is_in_the_guide(
    manifests: Sequence[Manifest], deployment: Manifest
) -> None:
    pod, container = parts(deployment)
    named = {(each["kind"], each["metadata"]["name"]) for each in manifests}
    assert ("ServiceAccount", pod["serviceAccountName"]) in named
    assert all(("ConfigMap", each["configMapRef"]["name"]) in named for each in container["envFrom"])
    for variable in container["env"]:
        if "valueFrom" in variable:
            reference = variable["valueFrom"]["secretKeyRef"]
            assert reference["key"] in SECRETS[reference["name"]]
    for volume in pod["volumes"]:
        if "persistentVolumeClaim" in volume:
            assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in named
        if "secret" in volume:
            assert volume["secret"]["secretName"] in SECRETS
    mounted = {each["name"] for each in container["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["volumes"]}
    assert chosen(manifests, deployment["spec"]["selector"]) == [deployment]


def test_the_guide_makes_the_secrets_and_the_tree_holds_none(manifests: Sequence[Manifest]) -> None:
    guide = (DEPLOY.parent / "docs" / "guides" / "deploying.md").read_text(encoding="utf-8")
    for secret, keys in SECRETS.items():
        assert f"create secret generic {secret} " in guide
        assert all(f"{key}=" in guide for key in keys)
    assert of_kind(manifests, "Secret") == []


def test_requests_find_their_way_to_who_serves(manifests: Sequence[Manifest]) -> None:
    (service,) = of_kind(manifests, "Service")
    (serve,) = chosen(manifests, {"matchLabels": service["spec"]["selector"]})
    ports = parts(serve)[1]["ports"]
    assert service["spec"]["ports"][0]["targetPort"] in {each["name"] for each in ports}
    listening = {each["name"]: each.get("value") for each in parts(serve)[1]["env"]}["AWE_HTTP_PORT"]
    assert {str(each["containerPort"]) for each in ports} == {listening}
    for ingress in of_kind(manifests, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            assert rule["http"]["paths"][0]["backend"]["service"] == {
                "name": service["metadata"]["name"],
                "port": {"name": service["spec"]["ports"][0]["name"]},
            }
        assert ingress["spec"]["tls"]


def test_nothing_comes_in_or_goes_out_but_by_a_policy(manifests: Sequence[Manifest]) -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in of_kind(manifests, "NetworkPolicy")}
    nothing = policies.pop("awe-nothing")
    assert nothing["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & nothing.keys()
    assert len(chosen(manifests, nothing["podSelector"])) == len(ROLES)
    for policy in policies.values():
        if policy["policyTypes"] == ["Ingress"]:
            assert [each["metadata"]["name"] for each in chosen(manifests, policy["podSelector"])] == [
                "awe-serve"
            ]
            assert all(rule["from"] for rule in policy["ingress"])
        assert all(rule["ports"] for way in ("ingress", "egress") for rule in policy.get(way, ()))


def test_every_yaml_file_is_used() -> None:
    for kustomization in (DEPLOY / "kustomize").rglob("kustomization.yaml"):
        told = yaml.safe_load(kustomization.read_text(encoding="utf-8"))
        used = {*told["resources"], *(each["path"] for each in told.get("patches", ()) if "path" in each)}
        beside = {file.name for file in kustomization.parent.glob("*.yaml")} - {kustomization.name}
        assert beside == {name for name in used if not name.startswith("..")}


def of_kind(manifests: Sequence[Manifest], kind: str) -> list[Manifest]:
    return [each for each in manifests if each["kind"] == kind]


def chosen(manifests: Sequence[Manifest], selector: Mapping[str, Any]) -> list[Manifest]:
    """The deployments whose pods a selector takes."""

    def found() -> Iterator[Manifest]:
        for each in of_kind(manifests, "Deployment"):
            labels = each["spec"]["template"]["metadata"]["labels"]
            if selector["matchLabels"].items() <= labels.items():
                yield each

    return list(found())


def parts(deployment: Manifest) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The pod and its only container."""
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return pod, container
