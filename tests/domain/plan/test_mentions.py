import pytest

from awe.domain.plan.mentions import mentions


@pytest.mark.parametrize(
    ("source", "chains"),
    [
        ("output.a.b > 1", {("output", "a", "b")}),
        ("output.items.size() > 0", {("output", "items")}),
        ("output . a\n.b", {("output", "a", "b")}),
        ("tasks[\"x\"].y == inputs['k']", {("tasks", "x", "y"), ("inputs", "k")}),
        ('output.name == "tasks.other"', {("output", "name")}),
        ("output.name == 'it\\'s tasks.other'", {("output", "name")}),
        ('output.name == """tasks\n.other"""', {("output", "name")}),
        ("output.a // tasks.other\n|| inputs.b", {("output", "a"), ("inputs", "b")}),
        ("output.list[0].b", {("output", "list")}),
        ("x.output.a", {("x", "output", "a")}),
        ("", set[tuple[str, ...]]()),
    ],
)
def test_the_names_in_a_source(source: str, chains: set[tuple[str, ...]]) -> None:
    assert set(mentions(source)) == chains


def test_the_name_of_a_function_is_a_chain_of_its_own() -> None:
    assert set(mentions("size(output.a)")) == {("size",), ("output", "a")}
