"""The two ways of telling a person how a run goes: a table in place, or a line a change."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr
from typing import Final, Protocol, TextIO

from awe.api.cli.live.above import Above
from awe.api.cli.live.changes import change
from awe.api.cli.live.frame import frame
from awe.api.cli.live.screen import Screen
from awe.api.cli.plain import printable
from awe.api.reading.run_views import Seen
from awe.projections.views.run import RunView

_WIDTH: Final = 80
_HEIGHT: Final = 24
_LEAST_PAUSE_S: Final = 0.1
_SHARE: Final = 10  # drawing takes at most this part of the time


class Teller(Protocol):
    def told(self, seen: Seen) -> None:
        """Take what just happened."""
        ...

    def tick(self, view: RunView, *, last: bool = False) -> None:
        """Some time has passed; `last` when nothing follows."""
        ...

    def say(self, text: str) -> None:
        """Say something beside."""
        ...


class Lines:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def told(self, seen: Seen) -> None:
        for entry in seen.new:
            if (line := change(entry, seen.view)) is not None:
                self.say(line)

    def tick(self, view: RunView, *, last: bool = False) -> None:
        """Lines tell of changes, and time is none."""

    def say(self, text: str) -> None:
        self._stream.write(printable(text) + "\n")
        self._stream.flush()


class Table:
    def __init__(self, screen: Screen, stream: TextIO) -> None:
        self._screen = screen
        self._stream = stream
        self._next_s = 0.0

    def told(self, seen: Seen) -> None:
        """The next frame shows it."""

    def tick(self, view: RunView, *, last: bool = False) -> None:
        begun = time.monotonic()
        if begun < self._next_s and not last:
            return
        width, height = _size(self._stream)
        self._screen.draw(frame(view, time.time_ns() // 1_000_000, width, height))
        ended = time.monotonic()
        self._next_s = ended + max(_LEAST_PAUSE_S, _SHARE * (ended - begun))

    def say(self, text: str) -> None:
        self._screen.say(text)


class _Said(logging.Handler):
    """What the engine logs meanwhile; it must not tear the table."""

    def __init__(self, teller: Teller) -> None:
        super().__init__(logging.WARNING)
        self._teller = teller

    def emit(self, record: logging.LogRecord) -> None:
        self._teller.say(f"{record.levelname.lower()}: {record.getMessage()}")


@contextmanager
def telling(stream: TextIO) -> Generator[Teller]:
    """Choose the way that suits where the stream leads, and let the engine's log go the same way."""
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        with Screen(stream) as screen, _above(stream, screen), _logged(table := Table(screen, stream)):
            yield table
    else:
        with _logged(lines := Lines(stream)):
            yield lines


@contextmanager
def _above(stream: TextIO, screen: Screen) -> Generator[None]:
    above = Above(stream, screen.say)
    with redirect_stderr(above):
        yield
    above.end()


@contextmanager
def _logged(teller: Teller) -> Generator[None]:
    handler = _Said(teller)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def _size(stream: TextIO) -> tuple[int, int]:
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return _WIDTH, _HEIGHT
    return size.columns or _WIDTH, size.lines or _HEIGHT
