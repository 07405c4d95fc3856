"""A picture of a run for a terminal: as wide and as high as there is room, each line cut, never wrapped."""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

from awe.api.cli.live.rows import HEADER, Row, rows
from awe.api.cli.live.words import RUN_INKS, duration
from awe.api.cli.output import Ink
from awe.api.cli.plain import plain
from awe.projections.views.run import RunView

MOST_ROWS: Final = 30
_AROUND: Final = 4  # the headline, the header, what is left out, and the cursor's line
_FEWEST_ROWS: Final = 3
_TASK_WIDTH: Final = 32


class Line(NamedTuple):
    """A line's text, of which the first `inked` characters are in this ink."""

    text: str
    ink: Ink | None = None
    inked: int = 0


def frame(view: RunView, now_ms: int, width: int, height: int) -> list[Line]:
    """The headline, and a row for each step as far as there is room."""
    told, left_out = rows(view, now_ms, at_most=max(_FEWEST_ROWS, min(MOST_ROWS, height - _AROUND)))
    lines = [_headline(view, now_ms)]
    if told:
        lines += _table(told)
    if left_out:
        lines.append(Line(left_out, Ink.FAINT, len(left_out)))
    return [Line(fit(line.text, width - 1), line.ink, min(line.inked, width - 1)) for line in lines]


def fit(text: str, width: int) -> str:
    """The text in at most so many columns; what is cut leaves an ellipsis."""
    if sum(map(_columns, text)) <= width:
        return text
    kept, used = "", 1
    for character in text:
        used += _columns(character)
        if used > width:
            break
        kept += character
    return kept + "…"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _headline(view: RunView, now_ms: int) -> Line:
    until = now_ms if view.ended_ms is None else view.ended_ms
    time = duration(until - view.submitted_ms) if view.submitted_ms else ""
    name = view.plan.name if view.plan is not None else plain(view.goal.goal) if view.goal else ""
    status = view.status.value
    text = "  ".join(filter(None, (f"{status:<9}", time, view.run, name)))
    return Line(text, RUN_INKS[view.status], len(status))


def _table(told: list[Row]) -> list[Line]:
    task = min(_TASK_WIDTH, max(len(HEADER[1]), *(len(row.task) for row in told)))
    header = f"{HEADER[0]:<9}  {HEADER[1]:<{task}}  {HEADER[2]:>6}  {HEADER[3]:>5}  {HEADER[4]}"
    return [
        Line(header, Ink.BOLD, len(header)),
        *(
            Line(
                f"{row.state:<9}  {fit(row.task, task):<{task}}  {row.time:>6}  {row.tries:>5}  {row.note}".rstrip(),
                row.ink,
                len(row.state),
            )
            for row in told
        ),
    ]
