from typing import Any

import pytest

from awe.domain.plan.pointer import tokens_of
from awe.domain.plan.shapes.paths import Found, Paths, Presence, elements, follow
from awe.domain.plan.shapes.view import array_of, shape_of

COMMITS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "commits": {"type": "array", "items": {"$ref": "#/$defs/commit"}},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        "few": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        "branch": {"type": ["object", "null"], "properties": {"name": {}}, "required": ["name"]},
        "many": {"type": "object", "additionalProperties": {"type": "integer"}},
        "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        "named": {"type": "object", "patternProperties": {"^x": {}}, "additionalProperties": False},
        "said": {"type": "object"},
        "list": {"type": "array"},
        "any": {},
        "never": False,
        "number": {"type": "integer"},
        "either": {
            "anyOf": [
                {"$ref": "#/$defs/commit"},
                {"properties": {"sha": {"type": "integer"}}, "required": ["sha"]},
            ]
        },
        "perhaps": {"oneOf": [{"$ref": "#/$defs/commit"}, {"type": "null"}]},
        "unsure": {"anyOf": [{"$ref": "#/$defs/commit"}, {"type": "object"}]},
        "empty": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        "both": {"allOf": [{"$ref": "#/$defs/commit"}, {"properties": {"files": {}}, "required": ["files"]}]},
        "0": {"type": "object", "properties": {"0": {"type": "string"}}, "required": ["0"]},
        "tilde~/": {},
    },
    "required": [
        "commits",
        "pair",
        "branch",
        "many",
        "either",
        "perhaps",
        "both",
        "unsure",
        "0",
        "number",
        "list",
    ],
    "$defs": {
        "commit": {
            "type": "object",
            "properties": {"sha": {"type": "string"}, "author": {}, "parent": {"$ref": "#/$defs/commit"}},
            "required": ["sha", "parent"],
        },
        "round": {"anyOf": [{"$ref": "#/$defs/round"}, {"type": "null"}]},
    },
}


@pytest.mark.parametrize(
    ("path", "presence"),
    [
        ("", Presence.PRESENT),
        ("/commits", Presence.PRESENT),
        ("/commits/0/sha", Presence.PRESENT),
        ("/commits/0/parent/parent/sha", Presence.PRESENT),
        ("/commits/0/author", Presence.OPTIONAL),
        ("/commits/0/autor", Presence.ABSENT),
        ("/commits/x", Presence.ABSENT),
        ("/commits/-", Presence.ABSENT),
        ("/commits/01", Presence.ABSENT),
        ("/nothing", Presence.ABSENT),
        ("/pair/0", Presence.PRESENT),
        ("/pair/2", Presence.ABSENT),
        ("/few/1", Presence.OPTIONAL),
        ("/few/2", Presence.ABSENT),
        ("/branch/name", Presence.OPTIONAL),
        ("/many/whatever", Presence.OPTIONAL),
        ("/open/b", Presence.POSSIBLE),
        ("/named/b", Presence.POSSIBLE),
        ("/said/b", Presence.UNSAID),
        ("/list/0", Presence.UNSAID),
        ("/any/b", Presence.UNSAID),
        ("/any/0", Presence.UNSAID),
        ("/never/b", Presence.ABSENT),
        ("/number/b", Presence.ABSENT),
        ("/either/sha", Presence.PRESENT),
        ("/either/author", Presence.OPTIONAL),
        ("/either/b", Presence.ABSENT),
        ("/perhaps/sha", Presence.OPTIONAL),
        ("/unsure/sha", Presence.POSSIBLE),
        ("/empty/b", Presence.UNSAID),
        ("/both/files", Presence.PRESENT),
        ("/both/sha", Presence.PRESENT),
        ("/both/b", Presence.ABSENT),
        ("/0/0", Presence.PRESENT),
        ("/tilde~0~1", Presence.OPTIONAL),
    ],
)
def test_where_a_pointer_leads(path: str, presence: Presence) -> None:
    assert follow(shape_of(COMMITS), tokens_of(path)).presence is presence


def test_what_is_found_can_be_of_several_branches() -> None:
    found = follow(shape_of(COMMITS), ("either", "sha"))
    assert [view.schema for view in found.shape] == [
        {"anyOf": [{"allOf": [{"type": "string"}]}, {"allOf": [{"type": "integer"}]}]}
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$ref": "#/nowhere"},
        {"$ref": "#anchor"},
        {"$ref": "https://elsewhere.example/"},
        {"$ref": 3},
        {"properties": 3, "anyOf": 3, "type": [4]},
    ],
)
def test_a_schema_that_goes_round_or_is_none_says_nothing(schema: dict[str, Any]) -> None:
    assert not follow(shape_of(schema), ("a",)).described


def test_branches_in_branches_are_followed_so_far() -> None:
    schema: dict[str, Any] = {"properties": {"a": {}}, "required": ["a"]}
    for _ in range(10):
        schema = {"anyOf": [schema]}
    assert follow(shape_of(schema), ("a",)).presence is Presence.PRESENT
    for _ in range(10):
        schema = {"anyOf": [schema]}
    assert follow(shape_of(schema), ("a",)).presence is Presence.UNSAID


def test_branches_that_multiply_are_each_asked_once() -> None:
    definitions: dict[str, Any] = {
        f"d{level}": {"anyOf": [{"$ref": f"#/$defs/d{level + 1}"}, {"$ref": f"#/$defs/d{level + 1}"}]}
        for level in range(200)
    }
    assert not follow(shape_of({"$ref": "#/$defs/d0", "$defs": definitions}), ("a",)).described


def test_the_elements_of_an_array() -> None:
    item = shape_of(COMMITS["$defs"]["commit"])
    assert elements(array_of(item)) == item
    assert elements(array_of(())) == ()
    assert elements(follow(shape_of(COMMITS), ("pair",)).shape) == ()


def test_a_remembered_place_is_the_same_place() -> None:
    paths, shape = Paths(), shape_of(COMMITS)
    assert paths.follow(shape, ("commits",)) is paths.follow(shape, ("commits",))
    assert paths.follow(shape, ("nothing",)) == Found(Presence.ABSENT)
