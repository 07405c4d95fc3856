import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from awe.adapters import patterns
from awe.adapters.schemas import JsonSchemas
from awe.domain.schemas import Violation

SCHEMAS = JsonSchemas()


def violations(instance: Any, schema: Any) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    return [(each.at, each.keyword, each.member) for each in SCHEMAS.validate(instance, schema)]


VIOLATED: list[tuple[Any, Any, list[Any]]] = [
    ({"a": 1}, {"properties": {"a": {"type": "integer"}}}, []),
    ({"a": [1, "x"]}, {"properties": {"a": {"items": {"type": "integer"}}}}, [(("a", 1), "type", None)]),
    ({}, {"required": ["a", "b"]}, [((), "required", "a"), ((), "required", "b")]),
    (3, {"required": ["a"]}, []),
    (
        {"p": {"a": 1, "b": 2}},
        {"properties": {"p": {"additionalProperties": False}}},
        [(("p",), "additionalProperties", "a"), (("p",), "additionalProperties", "b")],
    ),
    (
        {"x1": 1, "y": 1},
        {"patternProperties": {"^x": {}}, "additionalProperties": False},
        [((), "additionalProperties", "y")],
    ),
    (
        {"x1": "a", "y": "b"},
        {"patternProperties": {"^x": {"type": "integer"}}},
        [(("x1",), "type", None)],
    ),
    (
        {"a": 1, "b": "x"},
        {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}},
        [(("b",), "type", None)],
    ),
    (3, {"additionalProperties": False, "patternProperties": {"x": {}}}, []),
    ("abc", {"pattern": "b+"}, []),
    ("abc", {"pattern": "^b"}, [((), "pattern", None)]),
    (3, {"pattern": "^b"}, []),
    ({"a": 1}, {"properties": {"a": False}}, [((), "false", None)]),  # the library names the holder
    ("2026-13-01", {"format": "date"}, [((), "format", None)]),
    (True, {"type": "integer"}, [((), "type", None)]),
    (
        {"n": {"n": {"n": 1}}},
        {
            "$ref": "#/$defs/t",
            "$defs": {"t": {"type": "object", "properties": {"n": {"$ref": "#/$defs/t"}}}},
        },
        [(("n", "n", "n"), "type", None)],
    ),
    ({"a": 1}, {"$ref": "#x", "$defs": {"t": {"$anchor": "x", "type": "object"}}}, []),
    ({"a": 1}, {"$ref": "#nowhere"}, [((), "$ref", None)]),
    (1, {"$ref": "#"}, [((), "$ref", None)]),
]


@pytest.mark.parametrize(("instance", "schema", "found"), VIOLATED)
def test_what_violates_a_schema(instance: Any, schema: Any, found: list[Any]) -> None:
    assert violations(instance, schema) == found


def test_a_message_says_what_is_demanded_and_never_what_was_given() -> None:
    schema: dict[str, Any] = {
        "properties": {"key": {"type": "string", "maxLength": 3}, "kind": {"enum": ["x" * 300]}}
    }
    found = SCHEMAS.validate({"key": "s3cr3t", "kind": "s3cr3t"}, schema)
    assert [each.message[:31] for each in found] == [
        "it must satisfy maxLength: 3",
        'it must satisfy enum: ["xxxxxxx',
    ]
    assert all("s3cr3t" not in each.message and len(each.message) < 300 for each in found)


UNUSABLE: list[tuple[Any, str]] = [
    ({"type": "objekt"}, "$.type: violates anyOf"),
    ({"properties": {"a": {"minLength": -1}}}, "$.properties.a.minLength: violates minimum"),
    ({"items": [{}]}, "$.items: violates type"),
    (
        {"properties": {"a": {"$ref": "https://example.org/x"}}},
        "$.properties.a: $ref leaves the document",
    ),
    ({"anyOf": [{"$ref": "file:/etc/passwd"}]}, "$.anyOf[0]: $ref leaves the document"),
    ({"not": {"$dynamicRef": "other#x"}}, "$.not: $dynamicRef leaves"),
    ({"$ref": "#/$defs/nope"}, "$: $ref points at nothing: #/$defs/nope"),
    ({"$defs": {"a": {"$id": "https://example.org/x"}}}, "$.$defs.a: $id inside"),
    ({"pattern": "(?=x)"}, "$: not a regular expression of RE2"),
    ({"patternProperties": {"[": {}}}, "$: not a regular expression of RE2"),
    ({"pattern": "x" * 513}, "$: a pattern of 513 characters"),
    (
        {"patternProperties": {"^x": {}}, "unevaluatedProperties": False},
        "$: unevaluatedProperties beside",
    ),
]


@pytest.mark.parametrize(("schema", "fault"), UNUSABLE)
def test_a_schema_that_cannot_be_used(schema: Any, fault: str) -> None:
    (found,) = SCHEMAS.check_schema(schema)
    assert found.startswith(fault)
    assert violations({"a": 1}, schema) == [((), "$schema", None)]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$id": "https://example.org/a",
            "definitions": {"a": {}},
        },
        {"const": {"$ref": "https://example.org"}, "default": {"pattern": "["}, "enum": [{"$id": "x"}]},
        {"properties": {"$ref": {"type": "string"}, "pattern": {"type": "string"}, "const": {"$ref": "#"}}},
        {"$ref": "#/$defs/a%25", "$defs": {"a%": {}}},
    ],
)
def test_a_schema_that_can_be_used(schema: Any) -> None:
    assert SCHEMAS.check_schema(schema) == ()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": 3},
        {"required": ["a", "a"]},
        {"properties": []},
        {"properties": {"a": {"items": 3}}},
        {"allOf": []},
        {"enum": 3},
        {"multipleOf": 0},
        {"dependentRequired": {"a": ["b"]}},
        {"if": {"then": 3}},
        {"$defs": {"a": {"additionalProperties": "no"}}},
        {"dependencies": {"a": ["b"]}},
        {"minContains": 1.5},
    ],
)
def test_the_meta_schema_in_one_document_judges_as_the_one_in_seven(schema: Any) -> None:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        assert SCHEMAS.check_schema(schema)
    else:
        assert SCHEMAS.check_schema(schema) == ()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_nothing_is_ever_fetched(listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    schemas: list[dict[str, Any]] = [
        {"$ref": f"{address}/a"},
        {"$schema": f"{address}/b", "type": "string"},
        {"$id": f"{address}/c", "$ref": "d"},
    ]
    for schema in schemas:
        SCHEMAS.check_schema(schema)
        SCHEMAS.validate("x", schema)
    assert asked == []


def test_a_pattern_that_makes_others_backtrack_for_hours_is_matched() -> None:
    assert violations("a" * 5_000 + "!", {"pattern": "^(a+)+$"}) == [((), "pattern", None)]
    assert violations({"a" * 5_000 + "!": 1}, {"patternProperties": {"^(a+)+$": False}}) == []


def test_a_pattern_at_fault_is_an_error_where_nobody_asked_first() -> None:
    with pytest.raises(ValueError, match="invalid"):
        patterns.search("[", "x")


def test_references_that_multiply_are_given_up() -> None:
    levels = {
        f"d{level}": {"allOf": [{"$ref": f"#/$defs/d{level + 1}"}, {"$ref": f"#/$defs/d{level + 1}"}]}
        for level in range(30)
    }
    schema: dict[str, Any] = {"$ref": "#/$defs/d0", "$defs": levels | {"d30": {}}}
    assert SCHEMAS.check_schema(schema) == ()
    assert violations(1, schema) == [((), "$ref", None)]


def test_many_values_with_references_are_not_given_up() -> None:
    schema: dict[str, Any] = {
        "items": {"$ref": "#/$defs/a"},
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "integer"}},
    }
    assert violations(list(range(2_000)), schema) == []


def test_what_is_too_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(2_000):
        deep = [deep]
    assert violations(deep, {}) == [((), "type", None)]
    schema: Any = {}
    for _ in range(40):
        schema = {"items": schema}
    assert SCHEMAS.check_schema(schema) == ()
    for _ in range(40):
        schema = {"items": schema}
    assert SCHEMAS.check_schema(schema) == ("nested deeper than 64 levels",)


def test_equal_schemas_are_prepared_once_and_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    schemas, checked = JsonSchemas(), list[Any]()

    def faults(schema: Any) -> Iterator[str]:
        checked.append(schema)
        yield from ()

    monkeypatch.setattr("awe.adapters.schemas.faults", faults)
    monkeypatch.setattr("awe.adapters.schemas._MOST_SCHEMAS", 3)
    kept: list[Any] = [{"type": "integer"}, {"type": "integer"}]
    for schema in [*kept, *kept]:
        assert schemas.validate(1, schema) == ()
    assert checked == [kept[0]]
    kept += [{"maximum": limit} for limit in range(3)]
    for schema in kept[2:]:
        assert schemas.validate(-1, schema) == ()
    assert schemas.validate("x", kept[0]) == (Violation((), "type", 'it must satisfy type: "integer"'),)
    assert checked == [*kept[:1], *kept[2:], kept[0]]
