"""`chart.line`: values over places in a row, such as months."""

from typing import Any, Final

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

_LONGEST: Final = 24
_MOST_LABELS: Final = 16
_MOST_MARKED: Final = 60


@tool(name="chart.line", effect="read", timeout_s=60, heavy=True)
def chart_line(
    context: ToolContext,
    rows: ChartRows,
    x: X,
    y: Y,
    title: Title = "",
    value_label: Title = "",
    name: Name = "line-chart",
) -> Chart:
    """Draw a line for each column of y over the rows as they stand, as PNG and SVG; null is a gap."""
    from awe.adapters.tools.builtin.chart import plot  # noqa: PLC0415 (loads matplotlib)

    data = data_of(rows, x, y)
    drawn = plot.draw(
        printable(title), (9.0, 4.2), lambda axes: _paint(axes, data, printable(value_label), plot.COLOURS)
    )
    return Chart(
        png=context.artifact(f"{name}.png", drawn.png), svg=context.artifact(f"{name}.svg", drawn.svg)
    )


def _paint(axes: Any, data: Data, value_label: str, colours: tuple[str, ...]) -> None:
    places = list(range(len(data.labels)))
    marker = "o" if len(places) <= _MOST_MARKED else ""
    for index, (name, values) in enumerate(data.series):
        heights = [float("nan") if value is None else value for value in values]
        axes.plot(places, heights, marker=marker, markersize=4, label=name, color=colours[index])
    step = -(-len(places) // _MOST_LABELS)
    axes.set_xticks(
        places[::step],
        [shortened(label, _LONGEST) for label in data.labels[::step]],
        rotation=30 if len(places) > _MOST_LABELS // 2 else 0,
        ha="right" if len(places) > _MOST_LABELS // 2 else "center",
    )
    axes.set_ylabel(value_label)
    axes.yaxis.set_major_formatter("{x:,g}")
    if len(data.series) > 1:
        axes.legend(frameon=False)
