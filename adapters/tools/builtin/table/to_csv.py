"""`table.to_csv`: a table as a text for other programs."""

import csv
import json
from io import StringIO
from typing import Annotated

from pydantic import Field, JsonValue
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import BYTES
from awe.adapters.tools.builtin.table.rows import Column, Rows, require
from awe.adapters.tools.decorator import tool


class Csv(TypedDict):
    text: str
    columns: list[str]
    rows: int
    truncated: bool


@tool(name="table.to_csv", effect="read")
def table_to_csv(
    rows: Rows,
    columns: Annotated[
        list[Column] | None,
        Field(min_length=1, max_length=256, description="In this order; all, when left out."),
    ] = None,
    delimiter: Annotated[str, Field(pattern='^[^"\\r\\n]$')] = ",",
) -> Csv:
    """Write a table as CSV (RFC 4180, lines end with a line feed), with a first line of names; only whole rows.

    Null is an empty field, true and false are words, lists and objects are JSON.
    """
    written = columns or list(dict.fromkeys(column for row in rows for column in row))
    require(rows, *written)
    buffer, count, size = StringIO(), 0, BYTES
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(written)
    end = buffer.tell()
    for row in rows:
        writer.writerow([_field(row.get(column)) for column in written])
        size -= len(json.dumps(buffer.getvalue()[end:], ensure_ascii=False).encode())
        if size < 0:
            break
        count, end = count + 1, buffer.tell()
    return Csv(text=buffer.getvalue()[:end], columns=written, rows=count, truncated=count < len(rows))


def _field(value: JsonValue) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return json.dumps(value, ensure_ascii=False)
