"""`table.select`: some columns of a table, in an order and under names of their own."""

from typing import Annotated

from pydantic import Field

from awe.adapters.tools.builtin.bounded import Limit
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.builtin.table.rows import Column, Rows, Table, require, table
from awe.adapters.tools.decorator import tool


@tool(name="table.select", effect="read")
def table_select(
    rows: Rows,
    columns: Annotated[list[Column], Field(min_length=1, max_length=64)],
    names: Annotated[
        dict[str, str], Field(max_length=64, description="New names of columns, by their old ones.")
    ] = {},  # noqa: B006 (never changed: calls get a copy)
    limit: Limit = 10_000,
) -> Table:
    """Keep these columns of every row; a row that lacks one has null there."""
    require(rows, *columns)
    if stray := next((name for name in names if name not in columns), None):
        raise refused(f"'{stray}' gets a new name and is not among the columns")
    called = {column: names.get(column, column) for column in columns}
    if len(set(called.values())) < len(called):
        raise refused("two of the columns would have the same name")
    return table(({name: row.get(column) for column, name in called.items()} for row in rows), limit)
