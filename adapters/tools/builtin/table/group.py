"""`table.group`: rows that have the same values, counted and summed up."""

import json
from collections.abc import Sequence
from typing import Annotated, Final, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.builtin.table.rows import (
    Column,
    Row,
    Rows,
    Table,
    is_number,
    kind,
    ordered,
    require,
    table,
)
from awe.adapters.tools.decorator import tool

COUNT: Final = "count"


class Aggregate(TypedDict):
    op: Literal["sum", "min", "max", "mean"]
    column: Column
    name: NotRequired[Annotated[str, Field(min_length=1, max_length=256, description="Of the new column.")]]


@tool(name="table.group", effect="read")
def table_group(
    rows: Rows,
    by: Annotated[list[Column], Field(max_length=16, description="None of them: all rows are one group.")],
    aggregates: Annotated[list[Aggregate], Field(max_length=32)] = [],  # noqa: B006 (never changed: calls get a copy)
    limit: Limit = 10_000,
) -> Table:
    """Make one row of each group: its values, `count`, and for each aggregate a column, named like `sum_lines`.

    Groups stand in the order of their first rows. Null is left out of aggregates; of nothing but null comes null.
    """
    require(rows, *by, *(each["column"] for each in aggregates))
    names = [each.get("name") or f"{each['op']}_{each['column']}" for each in aggregates]
    taken = [*by, COUNT, *names]
    if twice := next((name for name in taken if taken.count(name) > 1), None):
        raise refused(f"two columns of the result would be called '{twice}'; name one of them differently")
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(json.dumps([row.get(column) for column in by], sort_keys=True), []).append(row)
    return table((_summed(members, by, aggregates, names) for members in groups.values()), limit)


def _summed(members: Sequence[Row], by: list[str], aggregates: list[Aggregate], names: list[str]) -> Row:
    summed: Row = {column: members[0].get(column) for column in by}
    summed[COUNT] = len(members)
    for each, name in zip(aggregates, names, strict=True):
        summed[name] = _value(members, each["op"], each["column"])
    return summed


def _value(members: Sequence[Row], op: str, column: str) -> float | str | None:
    held = [value for row in members if (value := row.get(column)) is not None]
    if op in {"min", "max"}:
        ordered(members, column)
        texts = [value for value in held if isinstance(value, str)]
        numbers = [value for value in held if is_number(value)]
        choose = min if op == "min" else max
        return choose(texts) if texts else choose(numbers, default=None)
    numbers = [value for value in held if is_number(value)]
    if len(numbers) < len(held):
        other = next(kind(value) for value in held if not is_number(value))
        raise refused(f"column '{column}' has {other} in it; '{op}' adds up numbers")
    if not numbers:
        return None
    return sum(numbers) if op == "sum" else sum(numbers) / len(numbers)
