import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awe.domain.plan.pointer import document_order, join, resolve, tokens_of


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text()))
def test_a_pointer_is_read_as_it_was_written(tokens: list[str]) -> None:
    assert tokens_of(join(*tokens)) == tuple(tokens)


@pytest.mark.parametrize(
    ("path", "value"),
    [("", {"a": [1, {"~/": 2}], "0": 3}), ("/a/0", 1), ("/a/1/~0~1", 2), ("/0", 3)],
)
def test_what_stands_at_a_place(path: str, value: object) -> None:
    assert resolve({"a": [1, {"~/": 2}], "0": 3}, tokens_of(path)) == value


@pytest.mark.parametrize("path", ["/b", "/a/2", "/a/-", "/a/00", "/a/0/x", "/a/²"])
def test_a_place_that_is_not_there(path: str) -> None:
    with pytest.raises(LookupError):
        resolve({"a": [1, 2]}, tokens_of(path))


def test_the_order_of_places_is_that_of_the_document() -> None:
    assert sorted(["/tasks/10", "/tasks/9/id", "/tasks/9", "", "/inputs"], key=document_order) == [
        "",
        "/inputs",
        "/tasks/9",
        "/tasks/9/id",
        "/tasks/10",
    ]
