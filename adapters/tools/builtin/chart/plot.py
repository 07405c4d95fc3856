"""Drawing a chart: the same data give the same bytes, on a machine with the same libraries.

Only the fonts that come with matplotlib are used; a letter that they lack is still a letter in the SVG, whose texts
are texts, and a box in the PNG. Nothing is drawn on a screen, and no state is shared with others who draw.
"""

import textwrap
import warnings
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_SETTINGS: Final = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "grid.alpha": 0.35,
    "svg.fonttype": "none",
    "svg.hashsalt": "awe",
    "text.parse_math": False,
}
_WIDEST: Final = 90
COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#7f7f7f", "#b8a800")
"""Told apart also by those who see colours differently (Okabe and Ito)."""


class Series(NamedTuple):
    name: str
    values: Sequence[float | None]


class Drawn(NamedTuple):
    png: bytes
    svg: bytes


def draw(title: str, inches: tuple[float, float], paint: Callable[[Any], None]) -> Drawn:
    """A figure with one pair of axes, as PNG and as SVG."""
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():  # type: ignore[arg-type]  # typed for literal keys
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=inches, layout="constrained")
        FigureCanvasAgg(figure)
        axes: Any = figure.subplots()
        if title:
            axes.set_title(textwrap.fill(title, _WIDEST), loc="left")
        paint(axes)
        return Drawn(
            _saved(figure, "png", {"Software": None}), _saved(figure, "svg", {"Date": None, "Creator": "AWE"})
        )


def _saved(figure: Any, kind: str, metadata: dict[str, Any]) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format=kind, dpi=150, metadata=metadata)
    return buffer.getvalue()
