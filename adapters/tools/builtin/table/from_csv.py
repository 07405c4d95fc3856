"""`table.from_csv`: a table out of a text that another program wrote."""

import csv
import math
from collections.abc import Iterator
from io import StringIO
from typing import Annotated

from pydantic import Field

from awe.adapters.tools.builtin.bounded import Limit
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.builtin.table.rows import Column, Row, Table, table
from awe.adapters.tools.decorator import tool


@tool(name="table.from_csv", effect="read")
def table_from_csv(
    text: str,
    delimiter: Annotated[str, Field(pattern='^[^"\\r\\n]$')] = ",",
    numbers: Annotated[
        list[Column],
        Field(max_length=256, description="Columns whose fields are numbers; empty ones become null."),
    ] = [],  # noqa: B006 (never changed: calls get a copy)
    limit: Limit = 10_000,
) -> Table:
    """Read CSV whose first line names the columns; every field is a text unless its column is one of numbers."""
    lines = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    try:
        names = next(lines, list[str]())
        if not names:
            raise refused("the text has no first line with the names of columns")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise refused(f"two columns are called '{twice}'")
        if missing := next((column for column in numbers if column not in names), None):
            raise refused(f"there is no column '{missing}'; the first line names {', '.join(names[:12])}")
        return table(_rows(lines, names, frozenset(numbers)), limit)
    except csv.Error as error:
        raise refused(f"line {lines.line_num}: {error}") from error


def _rows(lines: Iterator[list[str]], names: list[str], numbers: frozenset[str]) -> Iterator[Row]:
    for number, fields in enumerate(lines, 1):
        if not fields:
            continue
        if len(fields) != len(names):
            raise refused(f"row {number} has {len(fields)} fields; the first line names {len(names)} columns")
        yield {
            name: _number(field, name, number) if name in numbers else field
            for name, field in zip(names, fields, strict=True)
        }


def _number(field: str, column: str, row: int) -> float | None:
    text = field.strip()
    if not text:
        return None
    try:
        value = float(text)
        if math.isfinite(value):
            return int(text) if text.lstrip("+-").isdecimal() else value
    except ValueError:
        pass
    raise refused(f"column '{column}' has no number in row {row}")
