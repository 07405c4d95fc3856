"""Inputs against a schema: each misfit has a place, a hint that helps, and no value in its words."""

from typing import Any

from awe.domain.plan.lint.findings import Severity
from awe.domain.plan.playbook.faults import Fault, FaultCode
from awe.domain.plan.playbook.inputs import input_faults, with_defaults
from support.playbooks import SCHEMAS

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "repo": {"type": "string", "description": "path of the repository"},
        "since": {"type": "string"},
        "items": {"type": "array", "items": {"type": "object", "required": ["id"]}},
    },
    "required": ["repo", "since"],
}


def faults(inputs: dict[str, Any], schema: dict[str, Any] = SCHEMA) -> list[Fault]:
    return list(input_faults(inputs, schema, SCHEMAS))


def test_a_missing_input_is_described_as_its_author_did() -> None:
    repo, since = faults({})
    assert (repo.code, repo.path, repo.hint) == (FaultCode.G010, "/repo", "It is: path of the repository")
    assert (since.path, since.hint) == ("/since", "Give 'since' a value.")


def test_a_wrong_input_is_described_where_somebody_described_it() -> None:
    repo, since = faults({"repo": 1, "since": 2})
    assert (repo.code, repo.path, repo.hint) == (FaultCode.G012, "/repo", "It is: path of the repository")
    assert since.hint == "Its JSON Schema says what is allowed here."


def test_places_inside_lists() -> None:
    (missing,) = faults({"repo": "r", "since": "s", "items": [{"id": 1}, {}]})
    assert (missing.code, missing.path) == (FaultCode.G010, "/items/1/id")


def test_an_undeclared_name_is_a_warning_where_the_schema_is_open_and_silent() -> None:
    (unknown,) = faults({"repo": "r", "since": "s", "sinse": "x"})
    assert (unknown.code, unknown.path, unknown.severity) == (FaultCode.G011, "/sinse", Severity.WARNING)
    assert "'since'" in unknown.hint
    assert faults({"repo": "r", "since": "s", "x": 1}, SCHEMA | {"additionalProperties": True}) == []
    assert faults({"x": 1}, {}) == []


def test_defaults_of_strange_schemas_are_none() -> None:
    assert with_defaults({"a": {}}, {"properties": {"a": True, "b": True, "c": {"type": "string"}}}) == {
        "a": {}
    }
    assert with_defaults({"a": 1}, {"properties": []}) == {"a": 1}
    assert with_defaults({"a": 1}, schema=True) == {"a": 1}
