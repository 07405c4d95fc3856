import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import awe.domain.plan
from awe.adapters.schemas import JsonSchemas
from awe.domain.plan.bindings import Binding, Reference
from awe.domain.plan.canonical import canonical, digest, document
from awe.domain.plan.model import Plan, ToolRequest
from awe.domain.plan.schema import plan_json_schema
from support.plans import plan


def reference(source: str, **more: Any) -> Reference:
    return Reference.model_validate({"$from": source} | more)


PUBLISHED = Path(awe.domain.plan.__path__[0]) / "plan.schema.json"
SCHEMAS = JsonSchemas()


def test_the_published_schema_is_that_of_the_model() -> None:
    assert json.loads(PUBLISHED.read_bytes()) == plan_json_schema()


@pytest.mark.parametrize("seed", range(20))
def test_the_published_schema_accepts_plans(seed: int) -> None:
    schema = json.loads(PUBLISHED.read_bytes())
    assert SCHEMAS.check_schema(schema) == ()
    assert SCHEMAS.validate(plan(seed), schema) == ()


def test_the_published_schema_refuses_unknown_keys() -> None:
    schema = json.loads(PUBLISHED.read_bytes())
    (violation,) = SCHEMAS.validate(plan(1) | {"gaol": "x"}, schema)
    assert violation.member == "gaol"


@pytest.mark.parametrize("seed", range(20))
def test_a_plan_survives_its_document_and_its_canonical_form(seed: int) -> None:
    original = Plan.model_validate(plan(seed))
    assert Plan.model_validate(document(original)) == original
    assert digest(Plan.model_validate_json(canonical(original))) == digest(original)


def test_the_digest_sees_every_change_and_no_default_that_is_written_out() -> None:
    source = plan(7)
    same = source | {"version": 1, "goal": source["goal"]}
    same["tasks"] = [
        {"order_only": [], "title": "", **task} for task in reversed(list(reversed(source["tasks"])))
    ]
    other = source | {"version": 2}
    assert digest(Plan.model_validate(same)) == digest(Plan.model_validate(source))
    assert digest(Plan.model_validate(other)) != digest(Plan.model_validate(source))


def test_the_digest_is_pinned() -> None:
    pinned = Plan.model_validate({"name": "a", "tasks": [{"id": "a", "tool_requests": [{"tool": "t"}]}]})
    assert canonical(pinned) == b'{"name":"a","tasks":[{"id":"a","tool_requests":[{"tool":"t"}]}]}'
    assert digest(pinned) == "3dcfa75d5d8160e7469a164f3c8dd4d4ff9efa3c2629361cf64e38092994f8bd"


def test_a_plan_is_frozen() -> None:
    with pytest.raises(ValidationError):
        setattr(Plan.model_validate(plan(1)), "name", "b")  # noqa: B010 -- the type checker refuses the plain way


def test_the_bindings_of_a_request_are_its_references_in_document_order() -> None:
    request = ToolRequest.model_validate(
        {
            "tool": "t",
            "arguments": {
                "a": {"$from": "inputs"},
                "b": [1, {"c": {"$from": "x", "path": "/y", "default": {"$from": "no reference"}}}],
            },
        }
    )
    assert request.bindings == (
        Binding(("a",), reference("inputs")),
        Binding(("b", 1, "c"), reference("x", path="/y", default={"$from": "no reference"})),
    )


@pytest.mark.parametrize(
    ("source", "task", "request_"),
    [
        ("inputs", None, None),
        ("item", None, None),
        ("requests/3", None, 3),
        ("x", "x", None),
        ("requests", None, None),
    ],
)
def test_what_a_reference_names(source: str, task: str | None, request_: int | None) -> None:
    named = reference(source)
    assert (named.task, named.request) == (task, request_)


def test_a_null_given_as_default_is_a_default() -> None:
    given = Reference.model_validate({"$from": "x", "default": None})
    assert given.has_default
    assert given.model_dump() == {"$from": "x", "default": None}
    assert not reference("x").has_default
    assert reference("x", path="/y").model_dump() == {"$from": "x", "path": "/y"}
