import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awe.domain.plan.graph import Graph
from awe.domain.plan.model import Plan


def graph(**edges: str) -> Graph:
    """`graph(a="", b="a c")`: b waits for a and c."""
    tasks = [
        {"id": name, "deps": before.split(), "tool_requests": [{"tool": "t"}]}
        for name, before in edges.items()
    ]
    return Graph.of(Plan.model_validate({"name": "g", "tasks": tasks}))


def test_order_levels_and_ancestors() -> None:
    diamond = graph(d="b c", b="a", c="a", a="")
    assert diamond.order == (3, 1, 2, 0)
    assert diamond.levels == (2, 1, 1, 0)
    assert diamond.ancestors == (0b1110, 0b1000, 0b1000, 0)
    assert diamond.successors == ((), (0,), (0,), (1, 2))
    assert diamond.cycle == ()
    assert diamond.comes_before(3, 0)
    assert not diamond.comes_before(1, 2)


def test_what_is_no_edge() -> None:
    assert graph(a="a nobody", b="a a").predecessors == ((), (0,))


@pytest.mark.parametrize(
    ("edges", "cycle"),
    [
        ({"a": "b", "b": "a"}, (0, 1)),
        ({"x": "c", "a": "c", "b": "a", "c": "b"}, (1, 2, 3)),
        ({"a": "", "b": "a d", "c": "b", "d": "c", "e": "d"}, (1, 2, 3)),
    ],
)
def test_a_cycle_is_named_in_the_order_of_its_edges(edges: dict[str, str], cycle: tuple[int, ...]) -> None:
    found = graph(**edges)
    assert found.cycle == cycle
    for before, task in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
        assert before in found.predecessors[task]


def test_implied_predecessors_are_those_behind_another_one() -> None:
    assert graph(a="", b="a", c="a b").implied(2) & 0b11 == 0b01


EDGES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40)


@settings(deadline=None, max_examples=60)
@given(EDGES)
def test_the_order_obeys_every_edge_or_there_is_a_cycle(edges: list[tuple[int, int]]) -> None:
    found = graph(**{f"t{task}": " ".join(f"t{a}" for a, b in edges if b == task) for task in range(12)})
    if found.cycle:
        for before, task in zip(found.cycle, (*found.cycle[1:], found.cycle[0]), strict=True):
            assert before in found.predecessors[task]
    else:
        assert sorted(found.order) == list(range(12))
        rank = {task: place for place, task in enumerate(found.order)}
        assert all(rank[before] < rank[task] for task in rank for before in found.predecessors[task])


@settings(deadline=None, max_examples=60)
@given(EDGES)
def test_without_its_implied_edges_a_graph_orders_the_same(edges: list[tuple[int, int]]) -> None:
    forward = [(min(edge), max(edge)) for edge in edges]
    full = graph(**{f"t{task}": " ".join(f"t{a}" for a, b in forward if b == task) for task in range(12)})
    kept = tuple(
        tuple(before for before in full.predecessors[task] if not full.implied(task) >> before & 1)
        for task in range(12)
    )
    reduced = Graph(full.index, kept)
    assert reduced.ancestors == full.ancestors
    for task in range(12):
        for before in kept[task]:
            fewer = tuple(tuple(b for b in kept[t] if (t, b) != (task, before)) for t in range(12))
            assert Graph(full.index, fewer).ancestors != full.ancestors
