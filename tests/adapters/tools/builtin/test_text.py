import pytest

from awe.adapters.tools.builtin.bounded import bounded, bounded_text
from awe.adapters.tools.builtin.text import (
    text_count,
    text_extract_json,
    text_find,
    text_join,
    text_template,
)
from awe.adapters.tools.errors import ToolError
from awe.domain.failures import FailureClass


@pytest.mark.parametrize(
    ("text", "lines", "words", "characters"),
    [("", 0, 0, 0), ("one", 1, 1, 3), ("one two\n", 1, 2, 8), ("a\n\nb", 3, 2, 4), ("ä 日\n", 1, 2, 4)],
)
def test_counting(text: str, lines: int, words: int, characters: int) -> None:
    assert text_count(text) == {"lines": lines, "words": words, "characters": characters}


def test_lines_that_a_pattern_matches() -> None:
    told = text_find("one\nTwo\nthree two\n", "(?i)two")
    assert told == {
        "matches": [{"line": 2, "text": "Two"}, {"line": 3, "text": "three two"}],
        "truncated": False,
    }
    assert text_find("a\na\na", "a", limit=2)["truncated"]


def test_a_pattern_that_would_backtrack_for_ever_does_not() -> None:
    assert text_find("a" * 50_000 + "!", "^(a+)+$")["matches"] == []


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1"])
def test_a_pattern_that_cannot_be_used(pattern: str) -> None:
    with pytest.raises(ToolError, match="not a regular expression of RE2") as caught:
        text_find("a", pattern)
    assert caught.value.failure is FailureClass.INVALID_INPUT


def test_joining() -> None:
    assert text_join(["a", "b"])["text"] == "a\nb"
    assert text_join([], ", ")["text"] == ""


def test_a_template_is_filled_once() -> None:
    told = text_template(
        "{{ a }}|{{b.0.c}}|{{n}}|{{t}}|{{l}}|{{z}}|{single}",
        {"a": "{{b}}", "b": [{"c": "deep"}], "n": 1.5, "t": True, "l": ["ä"], "z": None},
    )
    assert told["text"] == '{{b}}|deep|1.5|true|["ä"]||{single}'


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("one\n{{missing}}", "line 2 of the template wants 'missing'"),
        ("{{a.b}}", "wants 'a.b'"),
        ("{{}}", "wants ''"),
        ("{{a", "line 1 of the template opens {{ and does not close it"),
        ("{{ a { }}", "does not close it"),
    ],
)
def test_a_template_without_its_value(template: str, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        text_template(template, {"a": "secret"})
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.failure is FailureClass.INVALID_INPUT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("Sure [ok]: [1, 2] and {}", [1, 2]),
        ('The set {1} is:\n```json\n{"b": [2]}\n```\n', {"b": [2]}),
        ("```\n[3]\n```", [3]),
        ('``` \nprose {"c": 4}', {"c": 4}),
        ("[NaN] [5]", [5]),
    ],
)
def test_json_in_prose(text: str, value: object) -> None:
    assert text_extract_json(text)["value"] == value


@pytest.mark.parametrize("text", ["", "no JSON", "[1,", "[" * 100_000, "{" * 1_000])
def test_no_json_in_prose(text: str) -> None:
    with pytest.raises(ToolError, match="has no JSON"):
        text_extract_json(text)


def test_lists_are_cut_by_number_and_by_size_and_taken_from_no_further() -> None:
    taken: list[int] = []

    def numbers() -> object:
        for number in range(100):
            taken.append(number)
            yield number

    assert bounded(numbers(), 3) == ([0, 1, 2], True)  # type: ignore[arg-type]
    assert taken == [0, 1, 2, 3]
    assert bounded(["x" * 10] * 5, 5, size=40) == (["x" * 10] * 3, True)
    assert bounded([1, 2], 2) == ([1, 2], False)


def test_texts_are_cut_to_their_size_in_json() -> None:
    assert bounded_text("short") == ("short", False)
    kept, more = bounded_text("\x01" * 1_000, 600)
    assert more
    assert 80 < len(kept) < 100
