"""Charts as files."""

from awe.adapters.tools.builtin.chart.bar import chart_bar
from awe.adapters.tools.builtin.chart.line import chart_line

__all__ = ["chart_bar", "chart_line"]
