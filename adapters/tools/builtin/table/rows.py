"""A table is a list of objects, its rows; the members are its columns. A row that lacks a column has null there.

Tables are never changed: every tool makes a new one. Whatever is wrong is said with the column and the row.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Annotated, Any, Final, TypeGuard

from pydantic import Field, JsonValue, SkipValidation
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import bounded
from awe.adapters.tools.builtin.refusal import refused

Row = dict[str, SkipValidation[JsonValue]]
Rows = Annotated[list[Row], Field(max_length=100_000, description="Objects; their members are the columns.")]
Column = Annotated[str, Field(min_length=1, max_length=256, description="A member of the rows.")]

_MOST_NAMED: Final = 12


class Table(TypedDict):
    rows: list[Row]
    truncated: bool


def table(rows: Iterable[Row], limit: int) -> Table:
    """Rows as an output."""
    kept, truncated = bounded(rows, limit)
    return Table(rows=kept, truncated=truncated)


def require(rows: Sequence[Row], *columns: str) -> None:
    """Refuse a column that no row has; a table without rows may have any."""
    for column in columns:
        if rows and not any(column in row for row in rows):
            known = list(dict.fromkeys(chain.from_iterable(rows)))
            listed = ", ".join(repr(name) for name in known[:_MOST_NAMED])
            raise refused(f"no row has a column '{column}'; there are {listed or 'none'}")


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kind(value: JsonValue) -> str:
    """What a value is, in words: the same for what can be compared with one another."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def ordered(rows: Sequence[Row], column: str) -> None:
    """Refuse a column whose values have no order among one another; null has its place anywhere."""
    first: tuple[int, str] | None = None
    for number, row in enumerate(rows, 1):
        found = kind(row.get(column))
        if found == "null":
            continue
        if found in {"a list", "an object"}:
            raise refused(
                f"column '{column}' has {found} in row {number}; only numbers and texts have an order"
            )
        first = first or (number, found)
        if first[1] != found:
            raise refused(
                f"column '{column}' has {first[1]} in row {first[0]} and {found} in row {number}; they have no order"
            )
