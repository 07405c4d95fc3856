"""`table.filter`: the rows in which a column meets a condition."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from pydantic import JsonValue, SkipValidation

from awe.adapters.tools.builtin.bounded import Limit
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.builtin.table.rows import Column, Rows, Table, kind, require, table
from awe.adapters.tools.decorator import tool

Operator = Literal[
    "eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "starts_with", "ends_with", "is_null", "not_null"
]

_ORDERING: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_ABOUT_TEXT: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, part: part in text,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


@tool(name="table.filter", effect="read")
def table_filter(
    rows: Rows,
    column: Column,
    op: Operator,
    value: SkipValidation[JsonValue] = None,
    limit: Limit = 10_000,
) -> Table:
    """Keep the rows whose value in the column meets the condition; null meets only `is_null`, `ne`, and `eq` null.

    `lt`, `le`, `gt` and `ge` want two numbers or two texts; `contains`, `starts_with` and `ends_with` want texts, and
    `contains` also finds a value in a list; `in` wants a list of values.
    """
    require(rows, column)
    if op == "in" and not isinstance(value, list):
        raise refused("op 'in' wants a list as its value")
    if op in _ABOUT_TEXT and op != "contains" and not isinstance(value, str):
        raise refused(f"op '{op}' wants a text as its value")
    if op in _ORDERING and kind(value) not in {"a number", "a text"}:
        raise refused(f"op '{op}' wants a number or a text as its value")
    found = (row for number, row in enumerate(rows, 1) if _meets(row.get(column), op, value, column, number))
    return table(found, limit)


def _meets(held: JsonValue, op: Operator, value: JsonValue, column: str, number: int) -> bool:
    if op in {"is_null", "not_null"}:
        return (held is None) is (op == "is_null")
    if op in {"eq", "ne"}:
        return _equal(held, value) is (op == "eq")
    if held is None:
        return False
    if op == "in":
        return isinstance(value, list) and any(_equal(held, each) for each in value)
    if op == "contains" and isinstance(held, list):
        return any(_equal(each, value) for each in held)
    return _compares(held, op, value, column, number)


def _compares(held: JsonValue, op: Operator, value: JsonValue, column: str, number: int) -> bool:
    if op in _ABOUT_TEXT:
        if not isinstance(held, str) or not isinstance(value, str):
            raise refused(f"column '{column}' has {kind(held)} in row {number}; op '{op}' compares texts")
        return _ABOUT_TEXT[op](held, value)
    if kind(held) != kind(value):
        raise refused(
            f"column '{column}' has {kind(held)} in row {number}; op '{op}' was given {kind(value)}"
        )
    compared: Any = _ORDERING[op]
    return bool(compared(held, value))


def _equal(one: JsonValue, other: JsonValue) -> bool:
    """Equality of JSON: true is not 1."""
    return kind(one) == kind(other) and one == other
