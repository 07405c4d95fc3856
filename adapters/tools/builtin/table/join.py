"""`table.join`: two tables as one, by the values they share."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from awe.adapters.tools.builtin.bounded import Limit
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.builtin.table.rows import Column, Row, Rows, Table, require, table
from awe.adapters.tools.decorator import tool


@tool(name="table.join", effect="read")
def table_join(
    left: Rows,
    right: Rows,
    on: Annotated[list[Column], Field(min_length=1, max_length=16)],
    how: Annotated[
        Literal["inner", "left"], Field(description="left: keep rows of the left table that have no match.")
    ] = "inner",
    suffix: Annotated[
        str, Field(max_length=64, description="What is added to a right column whose name the left one has.")
    ] = "_right",
    limit: Limit = 10_000,
) -> Table:
    """Put each left row together with each right row of the same values in the columns; null matches nothing."""
    require(left, *on)
    require(right, *on)
    return table(_joined(left, right, on, how, suffix), limit)


def _joined(left: list[Row], right: list[Row], on: list[str], how: str, suffix: str) -> Iterator[Row]:
    names = _names(left, right, on, suffix)
    matches: defaultdict[str, list[Row]] = defaultdict(list)
    for row in right:
        matches[_key(row, on)].append(row)
    for row in left:
        found = [] if any(row.get(column) is None for column in on) else matches.get(_key(row, on), [])
        for other in found:
            yield row | {names[column]: value for column, value in other.items() if column in names}
        if not found and how == "left":
            yield row | dict.fromkeys(names.values())


def _names(left: list[Row], right: list[Row], on: list[str], suffix: str) -> dict[str, str]:
    """What the right table's columns are called in the result, those apart by which the tables are joined."""
    taken = {column for row in left for column in row}
    names = {
        column: column + suffix if column in taken else column
        for column in dict.fromkeys(column for row in right for column in row)
        if column not in on
    }
    for column, name in names.items():
        if name in taken or list(names.values()).count(name) > 1:
            raise refused(
                f"column '{column}' of the right table would be a second '{name}'; choose another suffix"
            )
    return names


def _key(row: Row, on: list[str]) -> str:
    return json.dumps([row.get(column) for column in on], sort_keys=True)
