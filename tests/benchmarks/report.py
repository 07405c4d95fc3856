"""The result for people, a table, and for programs, JSON."""

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.row import Row
from benchmarks.settings import Settings
from benchmarks.spread import Spread

_HEADER = ("what", "floor", "measured", "", "ratio (least-most)", "target", "")
_VERDICT = {True: "met", False: "MISSED", None: "-"}


def table(rows: Sequence[Row]) -> str:
    lines = [_HEADER, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(line.rstrip() for line in text)


def notes(rows: Iterable[Row]) -> str:
    first = {row.note: row.name for row in reversed(list(rows)) if row.note}  # rows of one shape share a note
    return "\n".join(f"{name}: {note}" for note, name in reversed(first.items()))


def machine(settings: Settings, loop: Spread) -> str:
    return (
        f"server {settings.server}, {settings.repeats} repeats, size x {settings.share:g}; Python "
        f"{platform.python_version()} on {platform.machine()}; calibration loop {loop.median * 1e3:.1f} ms CPU "
        f"({loop.least * 1e3:.1f}-{loop.most * 1e3:.1f})"
    )


def write_json(path: Path, settings: Settings, loop: Spread, rows: Iterable[Row]) -> None:
    written = list(rows)
    content: dict[str, Any] = {
        "settings": asdict(settings),
        "python": platform.python_version(),
        "calibration_s": asdict(loop),
        "rows": [_without_entry(row) | {"met": row.met} for row in written],
    }
    for entry in (row.entry for row in written if row.entry is not None):
        content.setdefault(entry.section, {})[entry.name] = {
            name: asdict(figure) if isinstance(figure, Spread) else figure
            for name, figure in entry.figures.items()
        }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _without_entry(row: Row) -> dict[str, Any]:
    said = asdict(replace(row, entry=None))
    del said["entry"]
    return said


def _cells(row: Row) -> tuple[str, ...]:
    floor = "-" if row.floor is None else _figure(row.floor.median)
    target = "-" if row.target is None else str(row.target)
    spread = row.judged
    judged = f"{_figure(spread.median)} ({_figure(spread.least)}-{_figure(spread.most)})"
    return (row.name, floor, _figure(row.measured.median), row.unit, judged, target, _VERDICT[row.met])


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
