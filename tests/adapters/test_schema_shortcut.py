"""The shortcut judges as the library does: of plain schemas both ways, of all others it accepts nothing."""

import weakref
from enum import StrEnum
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from awe.adapters.schema_places import Fits, nothing_fits
from awe.adapters.schema_rules import DEEPEST
from awe.adapters.schema_shortcut import shortcut
from awe.adapters.schemas import JsonSchemas
from awe.domain.schemas import Violation

LIBRARY = JsonSchemas()


def no_shortcut(_schema: Any) -> Fits:
    return nothing_fits


def library(instance: Any, schema: Any) -> tuple[Violation, ...]:
    with patch("awe.adapters.schemas.shortcut", no_shortcut):
        return LIBRARY.validate(instance, schema)


NAMES = st.sampled_from("abc")
NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 10**30, -1.0, 0.0, 1.0, 1.5, 2.5, 1e30, 1e300])
SCALARS = (
    NUMBERS
    | st.sampled_from(["", "a", "é", "\U0001f600", "2026-01-01", "\ud800"])
    | st.booleans()
    | st.none()
)
INSTANCES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])
SIZES = st.integers(0, 3) | st.sampled_from([1.0, 2.0])
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
    "const": SCALARS,
    "enum": st.lists(SCALARS, max_size=4),
    "required": st.lists(NAMES, max_size=2, unique=True),
    "format": st.sampled_from(["date", "date-time", "nothing"]),
    "title": st.just("a title"),
    "default": st.just({"$ref": "nowhere"}),
    **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], NUMBERS),
    **dict.fromkeys(
        ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"], SIZES
    ),
}


def a_schema_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    applying = {
        "properties": st.dictionaries(NAMES, inner, max_size=3),
        "additionalProperties": inner | st.booleans(),
        "items": inner,
        "anyOf": several,
        "allOf": several,
    }
    return some_of(SIMPLE | applying)


def some_of(keywords: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    chosen = st.lists(st.sampled_from(sorted(keywords)), max_size=3, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: keywords[name] for name in names}))


REFERENCES = st.sampled_from([{"$ref": "#/$defs/x"}, {"$ref": "#/$defs/y"}])
SCHEMAS = st.recursive(some_of(SIMPLE) | st.booleans() | REFERENCES, a_schema_of, max_leaves=6).filter(
    lambda schema: isinstance(schema, dict)
)
DEFINITIONS = st.fixed_dictionaries({"x": some_of(SIMPLE), "y": a_schema_of(some_of(SIMPLE) | st.booleans())})


@settings(max_examples=600, deadline=None)
@given(SCHEMAS, DEFINITIONS, st.lists(INSTANCES, min_size=1, max_size=8))
@example({"type": "integer"}, {}, [True, 1.0, 1.5, 10**30, 1e300, "1"])
@example({"enum": [1, False, "a"]}, {}, [True, 1, 1.0, False, 0, 0.0, "a", [1]])
@example({"const": 10**30}, {}, [1e30, 10**30])
@example({"properties": {"a": False}, "required": ["b"]}, {}, [[], 3, {"b": 1}, {"a": 1, "b": 1}, {}])
@example({"maxLength": 1, "minLength": 1}, {}, ["\U0001f600", "e\u0301", "", 5, "\ud800"])
@example({"type": ["integer", "number"], "minimum": 1.5}, {}, [1.5, 1, 2, True])
def test_the_shortcut_of_a_plain_schema_and_the_library_agree(
    schema: Any, definitions: Any, instances: list[Any]
) -> None:
    schema = {
        **schema,
        "$defs": {"x": {}, "y": {}, **definitions},
        "$schema": "https://json-schema.org/draft/2020-12/schema",
    }
    assert LIBRARY.check_schema(schema) == ()
    fits = shortcut(schema)
    assert [fits(each) for each in instances] == [not library(each, schema) for each in instances]


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("instance", "schema"),
    [
        (float("nan"), {"minimum": 1}),
        ([1], {"const": [1]}),
        ({"a": 1}, {"enum": [{"a": 1.0}]}),
        (Colour.RED, {"type": "string"}),
        ({"a": Colour.RED}, {"properties": {"a": {"maxLength": 3}}}),
    ],
)
def test_what_it_is_not_sure_of_is_left_to_the_library(instance: Any, schema: Any) -> None:
    assert not shortcut(schema)(instance)
    assert JsonSchemas().validate(instance, schema) == ()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number"},
        {"type": "integer"},
        {"maximum": 1},
        {"exclusiveMinimum": 1},
        {"const": 1},
        {"enum": []},
    ],
)
def test_numbers_that_are_none_fit_only_what_they_fit_in_the_library(value: float, schema: Any) -> None:
    assert not shortcut(schema)(value) or library(value, schema) == ()


NOT_PLAIN: list[Any] = [
    {"oneOf": [{}]},
    {"not": {"type": "string"}},
    {"properties": {"a": {"multipleOf": 1}}},
    {"$ref": "#a", "$defs": {"a": {"$anchor": "a"}}},
    {"$ref": "#/$defs/a/items", "$defs": {"a": {"items": {}}}},
    {"definitions": {"a": {"type": 3}}, "$ref": "#/definitions/a"},  # no schema, which no check has found
    {"items": {"$schema": "http://json-schema.org/draft-03/schema#"}},  # the library changes its draft there
    {"unheard": "of"},
    {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
    {"$ref": "#/$defs/a", "$defs": {"a": {"properties": {name: {"$ref": "#/$defs/a"} for name in "bc"}}}},
]


@pytest.mark.parametrize("schema", NOT_PLAIN)
def test_a_schema_that_is_not_plain_has_no_shortcut(schema: Any) -> None:
    assert JsonSchemas().check_schema(schema) == ()
    assert shortcut(schema) is nothing_fits


def test_a_schema_that_recurs_once_at_each_level_ends_where_instances_do() -> None:
    schema: Any = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}
    fits = shortcut(schema)
    assert fits([[[], []]])
    assert not fits([[1]])


def test_a_keyword_that_says_nothing_there_is_not_looked_at() -> None:
    assert shortcut({"type": "string", "items": {"oneOf": []}})("x")


def nested(levels: int, inner: Any) -> Any:
    for level in range(levels):
        inner = [inner] if level % 2 else {"a": inner}
    return inner


@pytest.mark.parametrize("innermost", [1, [], {}, "text", None])
@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": ["object", "array"]},
        {"properties": {"a": {}}, "items": True},
        {"allOf": [{"minProperties": 1}], "minItems": 1},
        {"anyOf": [{"type": "object"}, {"type": "array"}]},
        {"$ref": "#/$defs/any", "$defs": {"any": {"title": "whatever"}}},
        {"additionalProperties": {"additionalProperties": {}}, "required": []},
    ],
)
def test_what_is_too_deep_does_not_fit(schema: Any, innermost: Any) -> None:
    fits = shortcut(schema)
    assert fits(nested(DEEPEST - 1, innermost))
    assert library(nested(DEEPEST - 1, innermost), schema) == ()
    for levels in (DEEPEST, DEEPEST + 1, 3_000):
        assert not fits(nested(levels, innermost))
        assert library(nested(levels, innermost), schema)


def test_references_that_lead_deeper_than_any_instance_is_are_no_loophole() -> None:
    definitions: dict[str, Any] = {
        f"d{level}": {"items": {"$ref": f"#/$defs/d{level + 1}"}} for level in range(80)
    }
    schema: dict[str, Any] = {"$ref": "#/$defs/d0", "$defs": {**definitions, "d80": {"type": "integer"}}}
    fits, deep = shortcut(schema), list[Any]()
    for level in range(1, 80):
        assert fits(deep) is (library(deep, schema) == ()) is (level <= DEEPEST)
        deep = [deep]


def test_a_schema_that_multiplies_has_no_shortcut() -> None:
    twice: dict[str, Any] = {
        f"d{level}": {"anyOf": [{"$ref": f"#/$defs/d{level + 1}"}] * 2} for level in range(30)
    }
    assert shortcut({"$ref": "#/$defs/d0", "$defs": {**twice, "d30": {"type": "null"}}}) is nothing_fits


def test_neither_has_one_whose_lists_multiply() -> None:
    many: dict[str, Any] = {"type": "object", "required": [f"n{number}" for number in range(600)]}
    assert shortcut({"$ref": "#/$defs/many", "$defs": {"many": many}}) is not nothing_fits
    twice: Any = {"anyOf": [{"$ref": "#/$defs/many"}, {"$ref": "#/$defs/many"}], "$defs": {"many": many}}
    assert shortcut(twice) is nothing_fits


def test_the_longest_chain_of_references_does_not_exhaust_the_library() -> None:
    chain: dict[str, Any] = {f"d{level}": {"$ref": f"#/$defs/d{level + 1}"} for level in range(126)}
    schema: dict[str, Any] = {"$ref": "#/$defs/d0", "$defs": {**chain, "d126": {"type": "integer"}}}
    assert shortcut(schema)(1)
    assert library(1, schema) == ()
    assert library("x", schema)[0].keyword == "type"


def test_patterns_are_matched_as_the_library_matches_them() -> None:
    schema: dict[str, Any] = {"type": "string", "pattern": "^a+$", "format": "nothing"}
    fits = shortcut(schema)
    assert [fits(text) for text in ("aa", "ab", "")] == [True, False, False]


def test_one_violation_is_worded_by_the_library() -> None:
    (found,) = JsonSchemas().validate({"a": "x"}, {"properties": {"a": {"type": "integer"}}})
    assert (found.at, found.message) == (("a",), 'it must satisfy type: "integer"')


class Named(dict[str, Any]):
    """A schema to which a weak reference can be had."""


def test_equal_schemas_that_are_ever_new_objects_are_not_kept_alive_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("awe.adapters.schemas._MOST_OBJECTS", 3)
    schemas, made = JsonSchemas(), list[weakref.ref[Any]]()
    for number in range(10):
        schema = Named(type="integer")
        made.append(weakref.ref(schema))
        assert schemas.validate(number, schema) == ()
        assert len(schemas.validate(str(number), schema)) == 1
    assert sum(each() is not None for each in made) <= 3
