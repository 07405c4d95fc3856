"""A value in the cell of a table, as text for people."""

import json
import re
from typing import Final

from pydantic import JsonValue

NOTHING: Final = "none"
"""What stands in the place of an empty list."""

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text without what no document can hold; a box stands for it."""
    return _UNPRINTABLE.sub("\ufffd", text)


def cell(value: JsonValue) -> str:
    """Null is empty, a list of plain values is a list with commas, other structures are JSON."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return printable(value)
        case list() if not any(isinstance(each, list | dict) for each in value):
            return ", ".join(map(cell, value))
        case int() | float():
            return str(value)
        case _:
            return printable(json.dumps(value, ensure_ascii=False))


def is_numeric(values: list[JsonValue]) -> bool:
    """Whether a column is one of numbers, which stand to the right."""
    held = [value for value in values if value is not None]
    return bool(held) and all(isinstance(each, int | float) and not isinstance(each, bool) for each in held)
