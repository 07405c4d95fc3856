"""Draws frames in place on a terminal.

A frame goes out in one write and over the one before, so nothing flickers and nothing else on the screen is touched.
Whatever else is to be said meanwhile goes above the frame, which is drawn anew below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Final, Self, TextIO

from awe.api.cli.live.frame import Line
from awe.api.cli.output import paint
from awe.api.cli.plain import printable

_HIDE_CURSOR: Final = "\x1b[?25l"
_SHOW_CURSOR: Final = "\x1b[?25h"
_TO_END_OF_LINE: Final = "\x1b[K"
_TO_END_OF_SCREEN: Final = "\x1b[J"


class Screen:
    """Use it as a context manager, so that the cursor comes back; any thread may say something."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn: list[str] = []
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._write(_HIDE_CURSOR)
        return self

    def __exit__(self, *_error: object) -> None:
        self._write(_SHOW_CURSOR)

    def draw(self, lines: Sequence[Line]) -> None:
        """Replace the last frame; an equal one costs nothing."""
        texts = [self._inked(line) for line in lines]
        with self._lock:
            if texts != self._drawn:
                self._write(self._up() + self._block(texts))
                self._drawn = texts

    def say(self, text: str) -> None:
        """Write lines above the frame, to stay there."""
        with self._lock:
            said = [*printable(text).split("\n"), *self._drawn]
            self._write(self._up() + self._block(said))

    def _up(self) -> str:
        return f"\x1b[{len(self._drawn)}F" if self._drawn else ""

    def _block(self, texts: Sequence[str]) -> str:
        return "".join(f"{text}{_TO_END_OF_LINE}\n" for text in texts) + _TO_END_OF_SCREEN

    def _inked(self, line: Line) -> str:
        text = printable(line.text)
        if line.ink is None:
            return text
        return paint(text[: line.inked], line.ink, self._stream) + text[line.inked :]

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
