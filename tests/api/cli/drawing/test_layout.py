"""The geometry under a drawn plan: nothing overlaps, edges lead rightwards, few of them cross."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awe.api.cli.drawing.crossings import crossings, ordered
from awe.api.cli.drawing.layers import layered
from awe.api.cli.drawing.placement import placed, spread

Graph = tuple[list[list[int]], list[tuple[int, int]]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Levels and edges: every vertex after the first level has a predecessor in the level before."""
    widths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=6))
    levels: list[list[int]] = []
    first = 0
    for width in widths:
        levels.append(list(range(first, first + width)))
        first += width
    edges = {
        (draw(st.sampled_from(before)), vertex) for before, level in pairwise(levels) for vertex in level
    }
    for _ in range(draw(st.integers(0, 12)) if len(levels) > 1 else 0):
        left, right = sorted(
            draw(st.lists(st.integers(0, len(levels) - 1), min_size=2, max_size=2, unique=True))
        )
        edges.add((draw(st.sampled_from(levels[left])), draw(st.sampled_from(levels[right]))))
    return levels, sorted(edges)


@given(graphs())
@settings(deadline=None)
def test_a_route_visits_every_layer_from_source_to_target(graph: Graph) -> None:
    levels, edges = graph
    drawn = layered(levels, edges)
    layer_of = {vertex: index for index, layer in enumerate(drawn.layers) for vertex in layer}
    assert set(drawn.routes) == set(edges)
    for (source, target), route in drawn.routes.items():
        assert (route[0], route[-1]) == (source, target)
        assert [layer_of[vertex] for vertex in route] == list(range(layer_of[source], layer_of[target] + 1))
        assert all(vertex >= drawn.size for vertex in route[1:-1])


def test_edges_of_one_source_share_their_waypoints() -> None:
    drawn = layered([[0], [1], [2], [3]], [(0, 2), (0, 3), (1, 3)])
    assert drawn.routes == {(0, 2): (0, 4, 2), (1, 3): (1, 5, 3), (0, 3): (0, 4, 6, 3)}


def test_a_graph_with_too_many_long_edges_is_bounded() -> None:
    length = 2_000
    edges = [(vertex, vertex + 1) for vertex in range(length - 1)]
    edges += [(vertex, length - 1) for vertex in range(length - 2)]
    drawn = layered([[vertex] for vertex in range(length)], edges)
    assert sum(map(len, drawn.layers)) <= 2_000 + 5 * length
    assert drawn.routes[0, length - 1] == (0, length - 1)


@given(graphs())
@settings(deadline=None)
def test_ordering_keeps_every_vertex_in_its_layer_and_never_adds_a_crossing(graph: Graph) -> None:
    drawn = layered(*graph)
    layers = ordered(drawn)
    assert [sorted(layer) for layer in layers] == [sorted(layer) for layer in drawn.layers]
    assert crossings(layers, drawn.after) <= crossings(drawn.layers, drawn.after)


@given(graphs())
@settings(deadline=None)
def test_crossings_are_counted_as_one_by_one(graph: Graph) -> None:
    drawn = layered(*graph)
    expected = 0
    for layer, following in pairwise(drawn.layers):
        steps = [(layer.index(a), following.index(b)) for a in layer for b in drawn.after.get(a, ())]
        expected += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(steps) for c, d in steps[:i])
    assert crossings(drawn.layers, drawn.after) == expected


def test_ordering_untangles() -> None:
    drawn = layered([[0, 1, 2], [3, 4, 5]], [(0, 5), (1, 4), (2, 3)])
    assert crossings(drawn.layers, drawn.after) == 3
    assert crossings(ordered(drawn), drawn.after) == 0


@given(graphs())
@settings(deadline=None)
def test_nothing_overlaps(graph: Graph) -> None:
    drawn = layered(*graph)
    layers = ordered(drawn)

    def room(vertex: int) -> float:
        return 40.0 + vertex if vertex < drawn.size else 12.0

    middles = placed(drawn, layers, room)
    for layer in layers:
        for upper, lower in pairwise(layer):
            assert middles[lower] - middles[upper] >= (room(upper) + room(lower)) / 2 - 1e-6


def test_a_chain_is_a_straight_line() -> None:
    drawn = layered([[0], [1], [2]], [(0, 1), (1, 2)])
    assert len(set(placed(drawn, drawn.layers, lambda _: 50.0).values())) == 1


@pytest.mark.parametrize(
    ("wanted", "weights", "distances", "places"),
    [
        ([5.0], [1.0], [], [5.0]),
        ([0.0, 100.0], [1.0, 1.0], [10.0], [0.0, 100.0]),
        ([0.0, 0.0], [1.0, 1.0], [10.0], [-5.0, 5.0]),
        ([0.0, 0.0], [3.0, 1.0], [10.0], [-2.5, 7.5]),
        ([20.0, 0.0, 10.0], [1.0, 1.0, 1.0], [10.0, 10.0], [0.0, 10.0, 20.0]),
    ],
)
def test_spreading_gives_way_by_weight(
    wanted: list[float], weights: list[float], distances: list[float], places: list[float]
) -> None:
    assert spread(wanted, weights, distances) == pytest.approx(places)
