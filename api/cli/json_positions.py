"""Where in a JSON text a value stands, so that a finding about `/tasks/3/deps/0` can name a line and a column.

The text may be broken: positions are then known up to the place where it breaks.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

_LEXEME = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class Position(NamedTuple):
    """Both counted from 1, columns in characters."""

    line: int
    column: int


def positions(text: str, pointers: Collection[str]) -> Mapping[str, Position]:
    """The position of each pointer's value, or where there is none, of the nearest value that encloses its place."""
    wanted = {pointer: tuple(_enclosing(pointer)) for pointer in pointers}
    sought = {place for places in wanted.values() for place in places}
    found: dict[str, int] = {}
    for pointer, offset in _values(text):
        if pointer in sought:
            found.setdefault(pointer, offset)
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(places: tuple[str, ...]) -> Position:
        offset = next((found[place] for place in places if place in found), 0)
        line = bisect_right(line_starts, offset)
        return Position(line, offset - line_starts[line - 1] + 1)

    return {pointer: position(places) for pointer, places in wanted.items()}


def _enclosing(pointer: str) -> Iterator[str]:
    """The pointer itself, then outwards to the whole document."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
    yield ""


def _values(text: str) -> Iterator[tuple[str, int]]:
    """Every value's pointer and offset, in document order."""
    prefixes: list[str] = []
    places: list[str | int] = []  # in each open container: the index of an element, the name of a member
    naming = False
    for match in _LEXEME.finditer(text):
        lexeme = match.group()
        if lexeme in {"}", "]", ","} and not places:
            return
        if lexeme in {"}", "]"}:
            prefixes.pop()
            places.pop()
            naming = False
        elif lexeme == ",":
            place = places[-1]
            naming = isinstance(place, str)
            places[-1] = place if isinstance(place, str) else place + 1
        elif lexeme == ":":
            naming = False
        elif naming:
            places[-1] = _escaped_name(lexeme)
        else:
            pointer = f"{prefixes[-1]}/{places[-1]}" if places else ""
            yield pointer, match.start()
            if lexeme in {"{", "["}:
                prefixes.append(pointer)
                places.append("" if lexeme == "{" else 0)
                naming = lexeme == "{"


def _escaped_name(lexeme: str) -> str:
    try:
        name = str(json.loads(lexeme, strict=False))
    except ValueError:
        name = lexeme
    return name.replace("~", "~0").replace("/", "~1")
