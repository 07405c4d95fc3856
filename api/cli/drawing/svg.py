"""A plan's graph as one SVG that refers to nothing outside itself.

Levels run from left to right. Colours come from a style sheet inside, which follows the reader's light or dark
setting; the ground is drawn too, so the picture is readable on any page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from typing import Final

from awe.api.cli.drawing.cards import LINE, PADDING, PILL, PILL_GAP, Card, cut
from awe.api.cli.drawing.crossings import ordered
from awe.api.cli.drawing.layers import Layered, layered
from awe.api.cli.drawing.placement import placed
from awe.api.cli.drawing.style import STYLE
from awe.api.cli.plain import plain, printable
from awe.api.cli.plan_outline import Link, Outline

_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_MARGIN: Final = 32.0
_HEAD: Final = 92.0
_FOOT: Final = 44.0
_GAP: Final = 18.0
_WAYPOINT: Final = 12.0
_NARROWEST_ALLEY: Final = 64.0
_WIDEST_ALLEY: Final = 220.0
_LEAST_WIDTH: Final = 560.0
_STACK: Final = 4.0


@dataclass(frozen=True, slots=True)
class _Column:
    left: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width


def svg(outline: Outline) -> str:
    cards = [Card.of(outline, index) for index in range(len(outline.plan.tasks))]
    drawn = layered(outline.levels, [(link.source, link.target) for link in outline.links])
    layers = ordered(drawn)

    def room(vertex: int) -> float:
        return cards[vertex].height + _GAP if vertex < drawn.size else _WAYPOINT

    middles = placed(drawn, layers, room)
    top = min(middle - room(vertex) / 2 for vertex, middle in middles.items())
    middles = {vertex: middle - top + _HEAD for vertex, middle in middles.items()}
    columns = _columns(drawn, layers, cards, middles)
    column_of = {vertex: column for layer, column in zip(layers, columns, strict=True) for vertex in layer}
    width = ceil(max(columns[-1].right + _MARGIN, _LEAST_WIDTH))
    height = ceil(max(middle + room(vertex) / 2 for vertex, middle in middles.items()) + _FOOT)
    return "\n".join(
        (
            f'<svg xmlns="{_NAMESPACE}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
            *_head(outline, columns, width),
            '<g class="links">',
            *(
                _link(outline, link, drawn.routes[link.source, link.target], column_of, middles)
                for link in outline.links
            ),
            "</g>",
            *(
                _card(card, column_of[index], middles[index] - card.height / 2)
                for index, card in enumerate(cards)
            ),
            *_legend(outline, height - 22),
            "</svg>",
        )
    )


def _columns(
    drawn: Layered, layers: Sequence[Sequence[int]], cards: Sequence[Card], middles: dict[int, float]
) -> list[_Column]:
    """As wide as their widest card; the alley between two grows with the slope of what crosses it."""
    columns: list[_Column] = []
    left = _MARGIN
    for layer in layers:
        width = max(cards[vertex].width for vertex in layer if vertex < drawn.size)
        columns.append(_Column(left, width))
        climb = max(
            (abs(middles[v] - middles[other]) for v in layer for other in drawn.after.get(v, ())), default=0.0
        )
        left += width + min(max(_NARROWEST_ALLEY, climb / 4), _WIDEST_ALLEY)
    return columns


def _head(outline: Outline, columns: Sequence[_Column], width: float) -> Iterator[str]:
    goal = plain(outline.plan.goal)
    yield f"<title>{escape(outline.headline())}</title>"
    yield f"<desc>{escape(goal or outline.headline())}</desc>"
    yield STYLE
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto-start-reverse"><path class="head" d="M0 .8 7.4 4 0 7.2 1.8 4z"/></marker></defs>'
    )
    yield '<rect class="ground" width="100%" height="100%"/>'
    yield _text("plan", _MARGIN, 34, cut(outline.headline(), (width - 2 * _MARGIN) / 9.5))
    if goal:
        yield _text("goal", _MARGIN, 54, cut(goal, (width - 2 * _MARGIN) / 6.7))
    for level, column in enumerate(columns):
        yield _text("level", column.left, _HEAD - 12, f"level {level}")


def _link(
    outline: Outline,
    link: Link,
    route: Sequence[int],
    column_of: dict[int, _Column],
    middles: dict[int, float],
) -> str:
    """A smooth line: level across each column that it passes, an S in each alley."""
    first = column_of[route[0]]
    x, y = first.right, middles[route[0]]
    path = [f"M{_n(x)} {_n(y)}"]
    for position, vertex in enumerate(route[1:], start=1):
        column, to_y = column_of[vertex], middles[vertex]
        to_x = column.left - (1.5 if position == len(route) - 1 else 0)
        bend = (to_x - x) / 2
        path.append(f"C{_n(x + bend)} {_n(y)} {_n(to_x - bend)} {_n(to_y)} {_n(to_x)} {_n(to_y)}")
        x, y = column.right, to_y
        if position < len(route) - 1:
            path.append(f"H{_n(x)}")
    tasks = outline.plan.tasks
    tip = f"{tasks[link.source].id} → {tasks[link.target].id}" + (
        " (order only)" if link.order_only else "".join(f"\nreads {place}" for place in link.bound)
    )
    kind = ' class="order"' if link.order_only else ""
    return f'<path{kind} d="{"".join(path)}"><title>{escape(printable(tip))}</title></path>'


def _card(card: Card, column: _Column, top: float) -> str:
    left = column.left
    outlines = [
        f'<rect class="card" x="{_n(left + shift)}" y="{_n(top + shift)}" width="{_n(column.width)}"'
        f' height="{_n(card.height)}" rx="8"/>'
        for shift in ((2 * _STACK, _STACK, 0.0) if card.stacked else (0.0,))
    ]
    baseline = top + PADDING + 11
    parts = [_text("id", left + PADDING, baseline, card.name)]
    for line in card.lines:
        baseline += LINE
        parts.append(_text("line", left + PADDING, baseline, line))
    edge = baseline + 9
    for pill in card.pills:
        parts.append(
            f'<g class="{pill.kind}"><rect x="{_n(left + PADDING)}" y="{_n(edge)}" width="{_n(pill.width)}"'
            f' height="{_n(PILL)}" rx="9"/>{_text("pill", left + PADDING + 8, edge + 12.8, pill.text)}</g>'
        )
        edge += PILL + PILL_GAP
    return f'<g class="task"><title>{escape(card.tip)}</title>{"".join(outlines)}{"".join(parts)}</g>'


def _legend(outline: Outline, y: float) -> Iterator[str]:
    """Only what the picture holds."""
    x = _MARGIN
    kinds = (("", "data", False), (' class="order"', "order only", True))
    for kind, words, order_only in kinds:
        if any(link.order_only is order_only for link in outline.links):
            yield f'<g class="links"><path{kind} d="M{_n(x)} {_n(y - 4)}h34"/></g>'
            yield _text("level", x + 42, y, words)
            x += 42 + 7 * len(words) + 24


def _text(kind: str, x: float, y: float, words: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(words)}</text>'


def _n(value: float) -> str:
    """One digit is finer than any screen shows."""
    return f"{value:.1f}".removesuffix(".0")
