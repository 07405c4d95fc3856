"""`table.top`: the rows with the largest values."""

from typing import Annotated

from pydantic import Field

from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.builtin.table.rows import Column, Rows, Table, is_number, kind, require, table
from awe.adapters.tools.decorator import tool


@tool(name="table.top", effect="read")
def table_top(
    rows: Rows,
    by: Column,
    n: Annotated[int, Field(ge=1, le=10_000)] = 10,
    *,
    smallest: bool = False,
) -> Table:
    """Keep the n rows with the largest numbers, or the smallest, in that order; equal ones in theirs, null never."""
    require(rows, by)
    found: list[tuple[float, int]] = []
    for number, row in enumerate(rows):
        value = row.get(by)
        if is_number(value):
            found.append((value if smallest else -value, number))
        elif value is not None:
            raise refused(f"column '{by}' has {kind(value)} in row {number + 1}; only numbers have a top")
    return table((rows[number] for _, number in sorted(found)), n)
