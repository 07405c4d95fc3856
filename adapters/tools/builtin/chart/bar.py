"""`chart.bar`: a bar for each row, or a group of bars."""

from typing import Annotated, Any, Final

from pydantic import Field

from awe.adapters.tools.builtin.chart.data import (
    Chart,
    ChartRows,
    Data,
    Name,
    Title,
    X,
    Y,
    data_of,
    printable,
    shortened,
)
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.decorator import tool

_LONGEST: Final = 48
_GROUP: Final = 0.8


@tool(name="chart.bar", effect="read", timeout_s=60, heavy=True)
def chart_bar(
    context: ToolContext,
    rows: Annotated[ChartRows, Field(max_length=60)],
    x: X,
    y: Y,
    title: Title = "",
    value_label: Title = "",
    name: Name = "bar-chart",
) -> Chart:
    """Draw lying bars, the first row on top, as PNG and SVG; null draws no bar."""
    from awe.adapters.tools.builtin.chart import plot  # noqa: PLC0415 (loads matplotlib)

    data = data_of(rows, x, y)
    inches = (9.0, min(24.0, 1.6 + 0.28 * len(rows) * max(1, 0.6 * len(y))))
    drawn = plot.draw(
        printable(title), inches, lambda axes: _paint(axes, data, printable(value_label), plot.COLOURS)
    )
    return Chart(
        png=context.artifact(f"{name}.png", drawn.png), svg=context.artifact(f"{name}.svg", drawn.svg)
    )


def _paint(axes: Any, data: Data, value_label: str, colours: tuple[str, ...]) -> None:
    places = range(len(data.labels))
    height = _GROUP / len(data.series)
    for index, (name, values) in enumerate(data.series):
        middle = (index - (len(data.series) - 1) / 2) * height
        bars = axes.barh(
            [place + middle for place in places],
            [value or 0.0 for value in values],
            height,
            label=name,
            color=colours[index],
        )
        axes.bar_label(bars, [_written(value) for value in values], padding=3, fontsize=8)
    axes.set_yticks(list(places), [shortened(label, _LONGEST) for label in data.labels])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.12, y=0.02)
    axes.set_xlabel(value_label)
    axes.xaxis.set_major_formatter("{x:,g}")
    if len(data.series) > 1:
        axes.legend(frameon=False)


def _written(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
