"""YAML is a way of writing JSON: nothing in the bytes gives another kind of value, or another kind of failure."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from awe.adapters.playbooks import yaml_document
from awe.adapters.playbooks.yaml_document import MOST_BYTES, YamlError, read_yaml
from awe.domain.plan.lint.limits import Limits

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cn", "Zl", "Zp"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the library in C and without it."""
    monkeypatch.setattr(yaml_document, "_LOADER", getattr(yaml, request.param))


def read(text: str) -> Any:
    return read_yaml(text.encode()).value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("- -7\n- 1.5\n- 2e3\n- -0.5E-1", [-7, 1.5, 2000.0, -0.05]),
        ("[null, ~, true, false, ]", [None, None, True, False]),
        ("a:\nb: ''", {"a": None, "b": ""}),
        ("[yes, No, on, OFF, y, True, NULL]", ["yes", "No", "on", "OFF", "y", "True", "NULL"]),
        (
            "[010, 0x1F, 1_000, +1, .5, 1., .inf, 12:30]",
            ["010", "0x1F", "1_000", "+1", ".5", "1.", ".inf", "12:30"],
        ),
        ("[2024-05-01, '2024-05-01', \"1\", 'true']", ["2024-05-01", "2024-05-01", "1", "true"]),
        ("a: |\n  1\n  2\nb: >\n  x\n  y\n", {"a": "1\n2\n", "b": "x y\n"}),
        ("1: one\ntrue: two\nnull: three", {"1": "one", "true": "two", "null": "three"}),
        ("<<: {a: 1}\nb: 2", {"<<": {"a": 1}, "b": 2}),
        ("{$param: repo}", {"$param": "repo"}),
        ("\ufeffa: 1 # said\n", {"a": 1}),
        ("", None),
        ("---\na: 1\n...\n", {"a": 1}),
        ('"\\U0001F600"', "\U0001f600"),
    ],
)
def test_what_is_read(text: str, value: Any) -> None:
    assert read(text) == value
    assert json.dumps(read(text)) == json.dumps(value)


@given(JSON)
def test_json_is_read_as_it_was_written(value: Any) -> None:
    assert read(json.dumps({"x": value}, ensure_ascii=False)) == {"x": value}


@pytest.mark.parametrize(
    ("text", "line", "path", "words"),
    [
        (BOMB, 1, "/a", "anchors and aliases"),
        ("a: 1\nb: *a\n", 2, "/b", "anchors and aliases"),
        ("a: 1\nb:\n  a: 2\n  c: 3\n  a: 4\n", 5, "/b", "'a' stands twice"),
        ("'1': a\n1: b\n", 2, "", "'1' stands twice"),
        ("a: !!python/object/apply:os.system [x]\n", 1, "/a", "tag"),
        ("a: !!binary aGk=\n", 1, "/a", "tag"),
        ("a: !local x\n", 1, "/a", "tag"),
        ("a: 1\n---\nb: 2\n", 2, "", "second document"),
        ("? [a, b]\n: c\n", 1, "", "a key has to be a text"),
        ("? {a: b}\n: c\n", 1, "", "a key has to be a text"),
        ("a: [1,\nb: }\n", 2, "/a/1", "not YAML"),
        ("a: 1\n b: 2\n", 2, "/a", "not YAML"),
        ("a:\n\t- b\n", 2, "/a", "not YAML"),
        ("x: 1\na: 9007199254740992\n", 2, "/a", "beyond"),
        ("a: 1e999\n", 1, "/a", "NaN and Infinity"),
        ("a: " + "9" * 1_001 + "\n", 1, "/a", "NaN and Infinity"),
        ("a: " + "x" * 300_000, 1, "/a", "300,000 characters"),
        ("[" * 65 + "]" * 65, 1, "/0" * 64, "nested deeper than 64"),
        ("- " * 30_000, 1, "/0" * 64, "nested deeper than 64"),
        ("[" * 30_000, 1, "", "nest"),
        (f"? {'k' * 1_001}\n: 1", 1, "", "a key of 1,001 characters"),
    ],
)
def test_what_is_refused(text: str, line: int, path: str, words: str) -> None:
    with pytest.raises(YamlError) as refused:
        read(text)
    assert (refused.value.line, words in refused.value.message) == (line, True), refused.value.message
    if words not in {"not YAML", "nest"}:  # where that is, the two parsers tell differently
        assert refused.value.path == path
    assert refused.value.hint


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: \x00\n", None, "character"),
        (b"x" * (MOST_BYTES + 1), None, "1,048,577 bytes"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, line: int | None, words: str) -> None:
    with pytest.raises(YamlError, match=words) as refused:
        read_yaml(data)
    assert refused.value.line == line


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"#,? \n\t0", max_size=80).map(str.encode))
def test_any_bytes_are_a_document_or_refused(data: bytes) -> None:
    try:
        document = read_yaml(data)
    except YamlError as error:
        told = error.message and error.hint
    else:
        told = json.dumps(document.value, allow_nan=False)
    assert told


def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_document, "LIMITS", Limits(max_values=100))
    assert len(read("[" + "1," * 99 + "]")) == 99
    with pytest.raises(YamlError, match="more than 100 values") as refused:
        read("a:\n  [" + "1,\n" * 99 + "]")
    assert (refused.value.line, refused.value.path) == (100, "/a/98")


def test_lines_of_values() -> None:
    lines = read_yaml(b"a:\n  - x\n  - b: 1\n    c/d: 2\ne: {f: 3,\n    g: 4}\n").lines
    assert [lines.of(at) for at in ("", "/a", "/a/1/b", "/a/1/c~1d", "/e/g", "/e/missing", "/none")] == [
        1, 2, 3, 4, 6, 5, 1,
    ]  # fmt: skip
