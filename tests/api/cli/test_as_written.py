"""A member stands where the author put it or a fix changed it."""

from pydantic import JsonValue

from awe.api.cli.as_written import as_written

DEFAULTS: dict[str, JsonValue] = {"id": "a", "when": None, "deps": ["x"], "on_failure": "fail_run"}


def test_what_the_author_left_out_stays_out() -> None:
    assert as_written({"id": "a", "deps": ["x"]}, DEFAULTS, DEFAULTS) == {"id": "a", "deps": ["x"]}


def test_a_default_that_the_author_wrote_stays() -> None:
    assert as_written({"when": None}, DEFAULTS, DEFAULTS) == {"when": None}


def test_what_a_fix_changed_is_written() -> None:
    assert as_written({"id": "a"}, DEFAULTS, {**DEFAULTS, "deps": []}) == {"id": "a", "deps": []}


def test_the_order_is_that_of_the_model() -> None:
    written = as_written({"deps": ["x"], "id": "a"}, DEFAULTS, DEFAULTS)
    assert isinstance(written, dict)
    assert list(written) == ["id", "deps"]


def test_elements_are_compared_one_by_one() -> None:
    written: JsonValue = {"tasks": [{"id": "a"}]}
    before: JsonValue = {"tasks": [DEFAULTS]}
    assert as_written(written, before, {"tasks": [{**DEFAULTS, "deps": ["x", "y"]}]}) == {
        "tasks": [{"id": "a", "deps": ["x", "y"]}]
    }


def test_a_shorter_list_is_taken_as_it_is() -> None:
    assert as_written(["a", "b"], ["a", "b"], ["b"]) == ["b"]
