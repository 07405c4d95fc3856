"""The height of every vertex: as near as can be to its neighbours, in the order given, never overlapping.

Placing one layer is a least-squares problem with an order to keep, which pooling adjacent violators solves exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Final

from awe.api.cli.drawing.layers import Layered

_SWEEPS: Final = 8
_STRAIGHTNESS: Final = 6.0
"""How much more a waypoint holds to the line of its neighbours than a box does: long edges shall run straight."""


def placed(drawn: Layered, layers: Sequence[Sequence[int]], room: Callable[[int], float]) -> dict[int, float]:
    """The middle of each vertex, in the unit of `room`: the height that it takes with the gap around it."""
    middle: dict[int, float] = {}
    for layer in layers:
        middle.update(zip(layer, _stacked(layer, room), strict=True))
    for sweep in range(_SWEEPS):
        rightwards, last = sweep % 2 == 0, sweep >= _SWEEPS - 2
        for layer in layers if rightwards else reversed(layers):
            wanted: list[float] = []
            for vertex in layer:
                near = [
                    *(drawn.before.get(vertex, ()) if rightwards or last else ()),
                    *(drawn.after.get(vertex, ()) if last or not rightwards else ()),
                ]
                wanted.append(sum(middle[other] for other in near) / len(near) if near else middle[vertex])
            weights = [_STRAIGHTNESS if vertex >= drawn.size else 1.0 for vertex in layer]
            middle.update(zip(layer, spread(wanted, weights, _distances(layer, room)), strict=True))
    return middle


def spread(wanted: Sequence[float], weights: Sequence[float], distances: Sequence[float]) -> list[float]:
    """Places as near to `wanted` as can be (weighted least squares), each at least its distance after the former."""
    shifts = list(accumulate(distances, initial=0.0))
    blocks: list[tuple[float, float, int]] = []  # place, weight, members
    for place, weight, shift in zip(wanted, weights, shifts, strict=True):
        block = (place - shift, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            other = blocks.pop()
            joint = other[1] + block[1]
            block = ((other[0] * other[1] + block[0] * block[1]) / joint, joint, other[2] + block[2])
        blocks.append(block)
    places = (place for place, _, members in blocks for _ in range(members))
    return [place + shift for place, shift in zip(places, shifts, strict=True)]


def _stacked(layer: Sequence[int], room: Callable[[int], float]) -> list[float]:
    """One directly under the other, the layer's middle at 0."""
    places = list(accumulate(_distances(layer, room), initial=0.0))
    return [place - places[-1] / 2 for place in places]


def _distances(layer: Sequence[int], room: Callable[[int], float]) -> list[float]:
    return [(room(upper) + room(lower)) / 2 for upper, lower in pairwise(layer)]
