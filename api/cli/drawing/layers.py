"""A graph in layers: every edge leads to the right, and one that passes layers stands in each of them as a waypoint.

Edges of one source share their waypoints, so that they leave as one trunk and part late. The number of waypoints is
bounded: beyond it the longest edges stay direct, drawn behind whatever lies in their way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Edge = tuple[int, int]

_WAYPOINTS_FREE: Final = 2_000
_WAYPOINTS_PER_VERTEX: Final = 4


@dataclass(frozen=True, slots=True)
class Layered:
    """Vertices are numbers: below `size` those of the graph, from there on waypoints.

    A route leads over the waypoints from an edge's source to its target; `before` and `after` hold a vertex's
    neighbours in the layers beside its own.
    """

    size: int
    layers: Sequence[Sequence[int]]
    routes: Mapping[Edge, tuple[int, ...]]
    before: Mapping[int, Sequence[int]]
    after: Mapping[int, Sequence[int]]


def layered(levels: Sequence[Sequence[int]], edges: Sequence[Edge]) -> Layered:
    """`levels` holds every vertex once, every edge leads to a later level; the order inside a level is kept."""
    layers = [list(level) for level in levels]
    layer_of = {vertex: index for index, level in enumerate(levels) for vertex in level}
    size = free = len(layer_of)
    most = size + _WAYPOINTS_FREE + _WAYPOINTS_PER_VERTEX * size
    trunks: defaultdict[int, list[int]] = defaultdict(list)
    routes: dict[Edge, tuple[int, ...]] = {}
    for edge in sorted(edges, key=lambda edge: (layer_of[edge[1]] - layer_of[edge[0]], edge)):
        source, target = edge
        passed = range(layer_of[source] + 1, layer_of[target])
        trunk = trunks[source]
        if free + len(passed) - len(trunk) <= most:
            for index in passed[len(trunk) :]:
                trunk.append(free)
                layers[index].append(free)
                free += 1
            routes[edge] = (source, *trunk[: len(passed)], target)
        else:
            routes[edge] = edge
    before, after = _neighbours(layers, routes.values())
    return Layered(size, layers, routes, before, after)


def _neighbours(
    layers: Sequence[Sequence[int]], routes: Iterable[Sequence[int]]
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    layer_of = {vertex: index for index, layer in enumerate(layers) for vertex in layer}
    before: defaultdict[int, list[int]] = defaultdict(list)
    after: defaultdict[int, list[int]] = defaultdict(list)
    for left, right in dict.fromkeys(step for route in routes for step in pairwise(route)):
        if layer_of[right] == layer_of[left] + 1:
            after[left].append(right)
            before[right].append(left)
    return dict(before), dict(after)
