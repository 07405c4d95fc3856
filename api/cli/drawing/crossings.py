"""The order inside each layer that lets few edges cross: barycentres, swept to and fro, the best order kept."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from awe.api.cli.drawing.layers import Layered

_SWEEPS: Final = 8


def ordered(drawn: Layered) -> Sequence[Sequence[int]]:
    """The layers of `drawn`, each in its best order found."""
    layers = drawn.layers
    best, fewest = layers, crossings(layers, drawn.after)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        rightwards = sweep % 2 == 0
        layers = _swept(layers, drawn.before) if rightwards else _swept(layers[::-1], drawn.after)[::-1]
        crossed = crossings(layers, drawn.after)
        if crossed < fewest:
            best, fewest = layers, crossed
    return best


def crossings(layers: Sequence[Sequence[int]], after: Mapping[int, Sequence[int]]) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    count = 0
    for layer, following in pairwise(layers):
        rank = {vertex: index for index, vertex in enumerate(following)}
        ends: list[int] = []
        for vertex in layer:
            targets = sorted(rank[target] for target in after.get(vertex, ()))
            count += sum(len(ends) - bisect_right(ends, target) for target in targets)
            for target in targets:
                insort(ends, target)
    return count


def _swept(layers: Sequence[Sequence[int]], neighbours: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """Each layer sorted by the mean place of its vertices' neighbours in the layer just sorted."""
    result = [list(layers[0])]
    for layer in layers[1:]:
        fixed = result[-1]
        place = {vertex: (index + 0.5) / len(fixed) for index, vertex in enumerate(fixed)}
        wanted = {
            vertex: _mean([place[other] for other in neighbours.get(vertex, ())], (index + 0.5) / len(layer))
            for index, vertex in enumerate(layer)
        }
        result.append(sorted(layer, key=wanted.__getitem__))
    return result


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
