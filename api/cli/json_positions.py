"""Where in a JSON text a value stands, so that a finding about `/tasks/3/deps/0` can name a line and a column.

The text may be broken: positions are then known up to the place where it breaks.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

_LEXEME = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)


class Position(NamedTuple):
    """Both counted from 1, columns in characters."""

    line: int
    column: int


def positions(text: str, pointers: Collection[str]) -> Mapping[str, Position]:
    """The position of each pointer's value, or where there is none, of the nearest value that encloses its place."""
    if not pointers:
        return {}
    wanted = {pointer: tuple(_enclosing(pointer)) for pointer in pointers}
    found = _offsets(text, {place for places in wanted.values() for place in places})
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


def _offsets(text: str, sought: Collection[str]) -> dict[str, int]:
    """Where the value of each sought pointer begins, of those that are there. Whatever encloses one is sought too.

    Pointers and names are made only inside what is sought, so the time does not grow with the depth of the text, and
    the text is read no further than to the last of them.
    """
    found: dict[str, int] = {}
    # of each open container its pointer (None where nothing inside is sought), and the element or member at hand
    prefixes: list[str | None] = []
    places: list[str | int] = []
    naming = False
    for match in _LEXEME.finditer(text):
        if len(found) == len(sought):
            break
        lexeme = match.group()
        if lexeme in {"}", "]", ","} and not places:
            break
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
            places[-1] = "" if prefixes[-1] is None else _escaped_name(lexeme)
        else:
            prefix = prefixes[-1] if prefixes else ""
            pointer = f"{prefix}/{places[-1]}" if prefix is not None and places else prefix
            if pointer is None or pointer not in sought:
                pointer = None
            else:
                found.setdefault(pointer, match.start())
            if lexeme in {"{", "["}:
                prefixes.append(pointer)
                places.append("" if lexeme == "{" else 0)
                naming = lexeme == "{"
    return found


def _escaped_name(lexeme: str) -> str:
    try:
        name = str(_DECODER.decode(lexeme))
    except ValueError:
        name = lexeme
    return name.replace("~", "~0").replace("/", "~1")
