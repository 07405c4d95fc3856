"""A finding's line and column are those of its value in the file, whatever the file's spacing."""

import json
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from awe.api.cli.json_positions import Position, positions

TEXT = """{
  "tasks": [
    {"id": "a", "deps": []},
    {"id": "b", "a/b~c": {"é\\n": [1, {"x": null}]}}
  ]
}
"""

JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        ("", 1, 1),
        ("/tasks", 2, 12),
        ("/tasks/0", 3, 5),
        ("/tasks/0/deps", 3, 25),
        ("/tasks/1/id", 4, 12),
        ("/tasks/1/a~1b~0c/é\n/1/x", 4, 44),
    ],
)
def test_the_place_of_a_value(pointer: str, line: int, column: int) -> None:
    assert positions(TEXT, [pointer]) == {pointer: Position(line, column)}


@pytest.mark.parametrize("absent", ["/tasks/0/when", "/tasks/0/deps/3", "/tasks/0/for_each/items"])
def test_what_is_absent_has_the_place_of_what_encloses_it(absent: str) -> None:
    nearest = "/tasks/0/deps" if absent.startswith("/tasks/0/deps") else "/tasks/0"
    assert positions(TEXT, [absent])[absent] == positions(TEXT, [nearest])[nearest]


@pytest.mark.parametrize(
    "broken", ["", "no json", "]", "}{", ',"a"', '{"a": [1, "b', '{"a" 1}', "\x00\x01{[", '{"\\x": 1}']
)
def test_a_broken_text_has_places_up_to_where_it_breaks(broken: str) -> None:
    assert positions(broken, [""])[""].line == 1
    assert positions(broken, ["/a/0"])["/a/0"].line == 1


def test_the_first_of_two_equal_names_is_meant() -> None:
    assert positions('{"a": 1, "a": 2}', ["/a"]) == {"/a": Position(1, 7)}


def test_nothing_sought_is_nothing_found() -> None:
    assert positions(TEXT, []) == {}


@given(value=JSON, indent=st.sampled_from([None, 0, 2]), ascii_only=st.booleans())
@settings(deadline=None)
def test_every_value_is_found_where_it_stands(
    *, value: JsonValue, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    lines = text.split("\n")
    values = dict(_values(value))
    for pointer, position in positions(text, values).items():
        rest = "\n".join((lines[position.line - 1][position.column - 1 :], *lines[position.line :]))
        assert json.JSONDecoder().raw_decode(rest)[0] == values[pointer]


def _values(value: JsonValue, pointer: str = "") -> Iterator[tuple[str, JsonValue]]:
    yield pointer, value
    members: Iterable[tuple[str | int, JsonValue]] = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for name, member in members:
        yield from _values(member, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")
