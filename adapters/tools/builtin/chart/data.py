"""What a chart is made of: the rows of a table, one column for the places and some for the values."""

import re
from typing import Annotated, Final, NamedTuple

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.builtin.table.rows import Column, Row, is_number, kind, require
from awe.adapters.tools.context import ArtifactRef

ChartRows = Annotated[
    list[Row], Field(min_length=1, max_length=1_000, description="One place of the chart each.")
]
X = Annotated[Column, Field(description="The column that names the places.")]
Y = Annotated[list[Column], Field(min_length=1, max_length=8, description="The columns with the numbers.")]
Title = Annotated[str, Field(max_length=200)]
Name = Annotated[
    str,
    Field(
        pattern="^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$", description="What the files are called, without ending."
    ),
]

_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")


class Chart(TypedDict):
    png: ArtifactRef
    svg: ArtifactRef


class Data(NamedTuple):
    """The places and the values of each series; a place without a value has None."""

    labels: list[str]
    series: list[tuple[str, list[float | None]]]


def data_of(rows: list[Row], x: str, y: list[str]) -> Data:
    """Read the columns; raises `ToolError` for what is no number."""
    require(rows, x, *y)
    return Data(
        [label(row.get(x)) for row in rows], [(printable(column), _numbers(rows, column)) for column in y]
    )


def label(value: object) -> str:
    return "" if value is None else printable(str(value))


def printable(text: str) -> str:
    """The text on one line, without what neither a font nor XML knows."""
    return _UNPRINTABLE.sub(" ", text).strip()


def shortened(text: str, most: int) -> str:
    """A long text with its middle left out: paths differ at both ends."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}…{text[-(most - 1 - half) :]}"


def _numbers(rows: list[Row], column: str) -> list[float | None]:
    found: list[float | None] = []
    for number, row in enumerate(rows, 1):
        value = row.get(column)
        if value is not None and not is_number(value):
            raise refused(f"column '{column}' has {kind(value)} in row {number}; a chart draws numbers")
        found.append(value)
    return found
