"""`table.sort`: rows in the order of their values."""

from typing import Annotated, Any

from pydantic import Field

from awe.adapters.tools.builtin.bounded import Limit
from awe.adapters.tools.builtin.table.rows import Column, Row, Rows, Table, ordered, require, table
from awe.adapters.tools.decorator import tool


@tool(name="table.sort", effect="read")
def table_sort(
    rows: Rows,
    by: Annotated[list[Column], Field(min_length=1, max_length=16)],
    *,
    descending: bool = False,
    limit: Limit = 10_000,
) -> Table:
    """Sort by the first column, then by the next; rows with equal values keep their order, null comes last."""
    require(rows, *by)
    found = list(rows)
    for column in reversed(by):
        ordered(found, column)
        found = _sorted(found, column, descending=descending)
    return table(found, limit)


def _sorted(rows: list[Row], column: str, *, descending: bool) -> list[Row]:
    def value(row: Row) -> Any:
        return row[column]

    said = [row for row in rows if row.get(column) is not None]
    return sorted(said, key=value, reverse=descending) + [row for row in rows if row.get(column) is None]
