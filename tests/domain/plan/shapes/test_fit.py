from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awe.adapters.schemas import JsonSchemas
from awe.domain.plan.shapes.fit import Comparison, Fit
from awe.domain.plan.shapes.view import shape_of

S: dict[str, Any] = {"type": "string"}
I: dict[str, Any] = {"type": "integer"}  # noqa: E741 -- one letter a type
N: dict[str, Any] = {"type": "number"}
TREE: dict[str, Any] = {
    "$ref": "#/$defs/t",
    "$defs": {"t": {"type": "object", "properties": {"next": {"$ref": "#/$defs/t"}, "x": I}}},
}
TREE_OF_TEXT: dict[str, Any] = {
    "$ref": "#/$defs/t",
    "$defs": {
        "t": {"type": "object", "properties": {"next": {"$ref": "#/$defs/t"}, "x": S}, "required": ["x"]}
    },
}


def obj(required: dict[str, Any], optional: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
    } | more


def arr(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def fit(producer: Any, consumer: Any, budget: int = 1_000) -> Fit:
    return Comparison(budget).fit(shape_of(producer), shape_of(consumer))


ANSWERS: list[tuple[Any, Any, Fit]] = [
    (S, S, Fit.YES),
    (S, {}, Fit.YES),
    (S, True, Fit.YES),
    (S, {"minLength": 1}, Fit.YES),
    (S, False, Fit.NO),
    ({}, S, Fit.MAYBE),
    (True, S, Fit.MAYBE),
    (S, I, Fit.NO),
    (I, N, Fit.YES),
    (N, I, Fit.MAYBE),
    ({"type": ["string", "null"]}, S, Fit.MAYBE),
    ({"type": ["string", "null"]}, I, Fit.NO),
    (S, {"type": ["string", "null"]}, Fit.YES),
    ({"const": "a"}, S, Fit.YES),
    ({"const": 1.5}, I, Fit.MAYBE),
    ({"const": 2.0}, I, Fit.YES),
    ({"enum": [None, True, "a", 1, [], {}]}, S, Fit.MAYBE),
    ({"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}, Fit.YES),
    ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, Fit.MAYBE),
    ({"enum": ["a"]}, {"const": "b"}, Fit.NO),
    ({"enum": [True]}, {"enum": [1]}, Fit.NO),
    (S, {"enum": ["a"]}, Fit.MAYBE),
    (S | {"format": "uri"}, S | {"format": "uri"}, Fit.YES),
    (S | {"format": "uri"}, S | {"format": "uri-reference"}, Fit.YES),
    (S | {"format": "uri-reference"}, S | {"format": "uri"}, Fit.MAYBE),
    (S, S | {"format": "uri"}, Fit.MAYBE),
    (S | {"format": "date"}, S | {"format": "date-time"}, Fit.NO),
    (I, {"format": "date"}, Fit.YES),
    (S, {"not": {"const": "a"}}, Fit.MAYBE),
    (obj({"a": S}), obj({"a": S}, {"b": I}), Fit.YES),
    (obj({"a": S}), obj({"b": S}), Fit.NO),
    (obj({}, {"a": S}), obj({"a": S}), Fit.MAYBE),
    (obj({}, {"a": S}), obj({}, {"a": I}), Fit.MAYBE),
    (obj({"a": S}), obj({}, {"a": I}), Fit.NO),
    (obj({"a": S}), {"required": ["a"]}, Fit.YES),
    ({"type": "object"}, obj({"a": S}), Fit.MAYBE),
    (S, obj({"a": S}), Fit.NO),
    (obj({"a": S}, additionalProperties=True), obj({}, {"b": S}), Fit.MAYBE),
    (obj({"a": S}), obj({}, additionalProperties=False), Fit.NO),
    (obj({}, {"a": S}), obj({}, additionalProperties=False), Fit.MAYBE),
    (
        obj({"a": S}, additionalProperties=False),
        obj({"a": S}, additionalProperties=False) | {"title": "x"},
        Fit.YES,
    ),
    (obj({"a": S}, additionalProperties=True), obj({"a": S}, additionalProperties=False), Fit.MAYBE),
    ({"type": "object"}, {"type": "object", "additionalProperties": S}, Fit.MAYBE),
    (
        {"type": "object", "additionalProperties": I},
        {"type": "object", "additionalProperties": N},
        Fit.YES,
    ),
    (
        obj({"a": S}),
        {"type": "object", "additionalProperties": False, "patternProperties": {"^a": {}}},
        Fit.MAYBE,
    ),
    (arr(S), arr(S), Fit.YES),
    (arr(I), arr(N), Fit.YES),
    (arr(S), arr(I), Fit.NO),
    ({"type": "array"}, arr(I), Fit.MAYBE),
    (arr(S), {"type": "array"}, Fit.YES),
    ({"type": "array", "prefixItems": [S, I]}, arr(S), Fit.NO),
    ({"type": "array", "prefixItems": [S, S]}, arr(S), Fit.YES),
    (arr(S), {"type": "array", "prefixItems": [S], "items": False}, Fit.YES),
    (arr(S), {"type": "array", "prefixItems": [I]}, Fit.NO),
    ({"anyOf": [S, I]}, {"type": ["string", "integer"]}, Fit.YES),
    ({"anyOf": [S, I]}, S, Fit.MAYBE),
    ({"anyOf": [S, I]}, {"anyOf": [I, S]}, Fit.YES),
    ({"anyOf": [S, arr(I)]}, {"oneOf": [arr(N), S]}, Fit.YES),
    ({"anyOf": [S, I]}, {"anyOf": [I, {"type": "boolean"}]}, Fit.MAYBE),
    ({"anyOf": [S, arr(S)]}, {"anyOf": [I, arr(I)]}, Fit.NO),
    ({"oneOf": [S, I]}, {"type": "boolean"}, Fit.NO),
    (S, {"anyOf": [I, S]}, Fit.YES),
    (S, {"oneOf": [I, {"type": "null"}]}, Fit.NO),
    ({"allOf": [obj({"a": S}), obj({"b": I})]}, obj({"a": S, "b": I}), Fit.YES),
    (obj({"a": S}), {"allOf": [{"type": "object"}, {"required": ["b"]}]}, Fit.NO),
    ({"allOf": [S, I]}, S, Fit.MAYBE),
    (
        {"anyOf": [obj({"k": {"const": "a"}}), obj({"k": {"const": "b"}})]},
        obj({"k": {"enum": ["a", "b"]}}),
        Fit.YES,
    ),
    ({"$ref": "#/$defs/s", "$defs": {"s": S}}, S, Fit.YES),
    (TREE, TREE, Fit.YES),
    (TREE, TREE_OF_TEXT, Fit.NO),
    (TREE_OF_TEXT, TREE, Fit.NO),
]


@pytest.mark.parametrize(("producer", "consumer", "answer"), ANSWERS)
def test_what_fits(producer: Any, consumer: Any, answer: Fit) -> None:
    assert fit(producer, consumer) is answer


def test_an_unknown_value_may_fit_what_asks_and_fits_what_asks_nothing() -> None:
    assert Comparison(10).fit((), shape_of(S)) is Fit.MAYBE
    assert Comparison(10).fit((), shape_of({})) is Fit.YES


def test_when_the_budget_is_spent_nothing_more_is_certain() -> None:
    assert fit(S, I, budget=0) is Fit.MAYBE


def test_very_deep_schemas_are_not_certain() -> None:
    producer, consumer = S, I
    for _ in range(40):
        producer, consumer = arr(producer), arr(consumer)
    assert fit(producer, consumer) is Fit.MAYBE


def test_an_answer_is_remembered() -> None:
    comparison = Comparison(100)
    first = comparison.fit(shape_of(TREE), shape_of(TREE_OF_TEXT))
    assert comparison.fit(shape_of(TREE), shape_of(TREE_OF_TEXT)) is first


def holder(member: Any, always: bool) -> Any:  # noqa: FBT001 -- drawn by hypothesis
    members = {"a": member}
    return obj(members if always else {}, {} if always else members, additionalProperties=False)


def either(one: Any, other: Any) -> Any:
    return {"anyOf": [one, other]}


SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [
            S,
            I,
            N,
            {"type": "null"},
            {"enum": ["a", 1]},
            {"const": "a"},
            {"type": ["string", "null"]},
            {"enum": ["a"]},
        ]
    ),
    lambda inner: (
        st.builds(arr, inner) | st.builds(holder, inner, st.booleans()) | st.builds(either, inner, inner)
    ),
    max_leaves=4,
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["a", "b", 1, 2.5, None]),
    lambda inner: st.lists(inner, min_size=1, max_size=2) | st.fixed_dictionaries({}, optional={"a": inner}),
    max_leaves=4,
)


@settings(deadline=None, max_examples=100)
@given(SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=1, max_size=30))
def test_a_certain_answer_is_true_of_values(producer: Any, consumer: Any, values: list[Any]) -> None:
    """YES and NO are promises: the validator of schemas agrees on every value that the producer may give."""
    schemas, answer = JsonSchemas(), fit(producer, consumer)
    for value in values:
        if not schemas.validate(value, producer):
            accepted = not schemas.validate(value, consumer)
            assert answer is Fit.MAYBE or accepted is (answer is Fit.YES)
