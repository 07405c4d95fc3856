"""How far a rebuild is: a bar on a terminal, elsewhere a JSON line now and then; always on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from typing import Final, TextIO

from awe.api.cli import output
from awe.api.cli.live.frame import Line
from awe.api.cli.live.screen import Screen
from awe.projections.rebuild.builder import Tell
from awe.projections.rebuild.progress import Progress

_BAR: Final = 30
_TERMINAL_S: Final = 0.1
_LINE_S: Final = 1.0


@contextmanager
def progress_output(stream: TextIO | None = None) -> Generator[Tell]:
    """What hears of progress; it tells the first, the last, and in between no more often than can be read."""
    to = stream or sys.stderr
    if not to.isatty():
        with _seldom(_LINE_S, lambda told: output.note(_line(told))) as tell:
            yield tell
        return
    with Screen(to) as screen, _seldom(_TERMINAL_S, lambda told: screen.draw([Line(bar(told))])) as tell:
        yield tell


def bar(told: Progress) -> str:
    """A line for people."""
    share = told.done / told.total if told.total else 1.0
    filled = round(share * _BAR)
    words = f"{told.projection} {told.version}  [{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}"
    words += f"  {told.done:,} of {told.total:,} events"
    if told.rate is not None and told.eta_s is not None:
        words += f"  {told.rate:,.0f}/s  {told.eta_s:,.0f}s to go"
    return words + (f"  {told.parked} parked" if told.parked else "")


def _line(told: Progress) -> str:
    return json.dumps(
        {
            "progress": {
                "projection": told.projection,
                "version": told.version,
                "done": told.done,
                "total": told.total,
                "rate": told.rate and round(told.rate),
                "eta_s": None if told.eta_s is None else round(told.eta_s, 1),
                "parked": told.parked,
            }
        },
        separators=(",", ":"),
    )


@contextmanager
def _seldom(every_s: float, tell: Tell) -> Generator[Tell]:
    last_s, waiting = 0.0, list[Progress]()

    def heard(told: Progress) -> None:
        nonlocal last_s
        waiting[:] = [told]
        if monotonic() - last_s >= every_s:
            last_s = monotonic()
            tell(waiting.pop())

    try:
        yield heard
    finally:
        for told in waiting:
            tell(told)
