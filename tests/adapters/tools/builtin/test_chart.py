import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from awe.adapters.tools.builtin.chart import chart_bar, chart_line
from awe.adapters.tools.context import ArtifactRef, ToolContext
from awe.adapters.tools.errors import ToolError

ROWS: list[dict[str, Any]] = [
    {"month": "2026-01", "added": 1_200, "removed": 4},
    {"month": "2026-02", "added": None, "removed": 9.5},
    {"month": "2026-03", "added": 40, "removed": 0},
]
PNG = b"\x89PNG\r\n\x1a\n"


def drawn(tmp_path: Path, draw: Any, **arguments: Any) -> tuple[bytes, str]:
    context = ToolContext.standalone(tmp_path)
    chart = draw(context, ROWS, "month", ["added", "removed"], **arguments)
    png, svg = (context.read_artifact(ref["sha256"]) for ref in _refs(chart))
    return png, svg.decode()


def _refs(chart: Any) -> list[ArtifactRef]:
    return [chart["png"], chart["svg"]]


def texts(svg: str) -> set[str]:
    elements = ET.fromstring(svg).iter()  # noqa: S314 (our own)
    return {"".join(each.itertext()).strip() for each in elements if each.tag.endswith("}text")}


@pytest.mark.parametrize("draw", [chart_bar, chart_line])
def test_a_chart_is_the_same_every_time_and_says_what_it_shows(tmp_path: Path, draw: Any) -> None:
    title = "Größe, Änderungen 日本 $x^2 $\\frac$ и ещё & <b>"
    png, svg = drawn(tmp_path, draw, title=title, value_label="lines", name="months")
    assert png.startswith(PNG)
    assert {title, "lines", "2026-01", "2026-03", "added", "removed"} <= texts(svg)
    assert drawn(tmp_path, draw, title=title, value_label="lines", name="months") == (png, svg)
    assert not re.search(r"\b20[3-9]\d-|<dc:date>", svg)


def test_the_artifacts_are_named(tmp_path: Path) -> None:
    context = ToolContext.standalone(tmp_path)
    chart = chart_line(context, ROWS, "month", ["added"], name="added")
    assert [(ref["name"], ref["media_type"]) for ref in _refs(chart)] == [
        ("added.png", "image/png"),
        ("added.svg", "image/svg+xml"),
    ]


def test_many_and_long_labels_stay_readable(tmp_path: Path) -> None:
    context = ToolContext.standalone(tmp_path)
    rows: list[dict[str, Any]] = [
        {"p": f"a/rather/long/folder/in/a/deep/tree/of/folders/file_{n}.py", "n": n} for n in range(60)
    ]
    bar = chart_bar(context, rows, "p", ["n"], name="bar")
    line = chart_line(context, [*rows, *rows], "p", ["n"], name="line")
    shown = texts(context.read_artifact(bar["svg"]["sha256"]).decode())
    assert "a/rather/long/folder/in…ee/of/folders/file_59.py" in shown
    labels = [each for each in texts(context.read_artifact(line["svg"]["sha256"]).decode()) if "…" in each]
    assert 0 < len(labels) <= 16


def test_what_xml_cannot_hold_is_left_out(tmp_path: Path) -> None:
    _, svg = drawn(tmp_path, chart_line, title="a\x00b\x1fc\ud800")
    assert "a b c" in texts(svg)


@pytest.mark.parametrize("draw", [chart_bar, chart_line])
def test_what_is_no_number_is_not_drawn(tmp_path: Path, draw: Any) -> None:
    context = ToolContext.standalone(tmp_path)
    with pytest.raises(ToolError, match="column 'month' has a text in row 1; a chart draws numbers"):
        draw(context, ROWS, "month", ["month"])
    with pytest.raises(ToolError, match="no row has a column 'commits'"):
        draw(context, ROWS, "month", ["commits"])
