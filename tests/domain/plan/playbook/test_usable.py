"""What is wrong with a playbook is said before any goal meets it."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import awe.domain.plan.playbook
from awe.domain.plan.playbook.faults import FaultCode
from awe.domain.plan.playbook.model import Playbook
from awe.domain.plan.playbook.schema import playbook_json_schema
from awe.domain.plan.playbook.shape import misshapes
from awe.domain.plan.playbook.usable import playbook_faults
from support.playbooks import SCHEMAS, SUMMARY, playbook

PUBLISHED = Path(awe.domain.plan.playbook.__path__[0]) / "playbook.schema.json"


def places(**changes: Any) -> list[str]:
    found = playbook_faults(playbook(**changes), SCHEMAS)
    assert all(fault.code is FaultCode.G004 and fault.hint for fault in found)
    return [fault.path for fault in found]


def takes(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def test_a_playbook_in_order() -> None:
    assert places() == []
    assert places(inputs={}, plan={}) == []


@pytest.mark.parametrize(
    ("inputs", "plan", "found"),
    [
        ({"type": "strin"}, {}, ["/inputs"]),
        ({"type": "object"}, {"x": [{"$param": "y"}]}, ["/plan/x/0/$param"]),
        (takes(reqo={"type": "string"}), {"x": {"$param": "repo"}}, ["/plan/x/$param"]),
        (takes(repo={"type": "string"}), {"x": {"$param": "repo"}}, ["/plan/x/$param"]),
        (takes(repo=True), {"x": {"$param": "repo"}}, ["/plan/x/$param"]),
        (takes(repo={"default": None}), {"x": {"$param": "repo"}}, []),
        (takes(("repo",), repo={}), {"x": {"$param": "repo"}}, []),
        (takes(("repo",), repo={"default": "."}), {}, ["/inputs/properties/repo/default"]),
        (
            takes(n={"type": "integer", "default": "1"}),
            {},
            ["/inputs/properties/n/default"],
        ),
        (
            takes(("r",), r={}, o={"properties": {"n": {"minimum": 1}}, "default": {"n": 0}}),
            {},
            ["/inputs/properties/o/default/n"],
        ),
    ],
)
def test_inputs_and_placeholders(inputs: Any, plan: Any, found: list[str]) -> None:
    assert places(inputs=inputs, plan=plan) == found


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ({"path": "/limit"}, ["/plan/x"]),
        ({"path": "/limit/a"}, ["/plan/x"]),
        ({"path": "/limit", "default": 1}, []),
        ({"path": "/repo"}, []),
        ({"path": ""}, []),
        ({}, []),
        ({"path": {"$param": "limit"}}, []),
    ],
)
def test_a_reference_does_not_see_a_default(reference: Any, found: list[str]) -> None:
    inputs = takes(("repo",), repo={}, limit={"default": "/repo"})
    assert places(inputs=inputs, plan={"x": {"$from": "inputs", **reference}}) == found


def test_a_reference_to_a_task_is_no_matter_of_inputs() -> None:
    assert places(inputs=takes(a={"default": 1}), plan={"x": {"$from": "a", "path": "/a"}}) == []


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"plan": {"x": [{"$param": ""}]}}, "/plan/x/0/$param", "at least 1 character"),
        ({"plan": {"x": {"$param": "a", "path": "b"}}}, "/plan/x/path", "match pattern"),
        ({"plan": {"x": {"$param": "a", "$from": "b"}}}, "/plan/x/$from", "not permitted"),
        ({"nam": "x"}, "/nam", "not permitted"),
        ({"name": "a b"}, "/name", "match pattern"),
        ({"match": {"phrases": ["..."]}}, "/match/phrases/0", "match pattern"),
        ({"plan": []}, "/plan", "valid dictionary"),
    ],
)
def test_what_is_no_playbook(changes: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        playbook(**changes)
    (wrong,) = misshapes(refused.value, Playbook)
    assert wrong.path == path
    assert words in wrong.message
    assert wrong.hint


def test_hints_about_keys() -> None:
    with pytest.raises(ValidationError) as refused:
        Playbook.model_validate({"name": "x", "titel": "x", "qqqqqq": 1})
    hints = {wrong.path: wrong.hint for wrong in misshapes(refused.value, Playbook)}
    assert hints == {"/plan": "Add the key.", "/titel": "Did you mean 'title'?", "/qqqqqq": "Remove the key."}


def test_the_published_schema_is_that_of_the_model_and_accepts_playbooks() -> None:
    published = json.loads(PUBLISHED.read_bytes())
    assert published == playbook_json_schema()
    assert SCHEMAS.validate(SUMMARY, published) == ()
