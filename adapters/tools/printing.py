"""What a tool prints goes to stderr, by whole lines: stdout belongs to the program, which may be writing data to it.

While anybody `diverted`, `sys.stdout` looks at the context in which something is printed. A thread that a tool starts
itself has a context of its own, and a program that it starts has the real descriptor: a heavy tool has neither gap,
its whole process writes to stderr.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TextIO, cast

_LONGEST_LINE: Final = 8192
"""Characters that are held for the end of their line."""


class _Lines:
    """Writes a line in one piece, since others write to the same terminal, and `print` sends its end apart."""

    def __init__(self) -> None:
        self._begun = ""

    def write(self, text: str) -> int:
        whole, end, self._begun = (self._begun + text).rpartition("\n")
        if end:
            sys.stderr.write(whole + end)
        if len(self._begun) > _LONGEST_LINE:
            self.end()
        return len(text)

    def flush(self) -> None:
        self.end()
        sys.stderr.flush()

    def end(self) -> None:
        """Write what has no end of its line yet."""
        begun, self._begun = self._begun, ""
        if begun:
            sys.stderr.write(begun)

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


_lines_of_tool: ContextVar[_Lines | None] = ContextVar("lines_of_tool", default=None)


@contextmanager
def in_tool() -> Generator[None]:
    """Here, and in what is begun here, the code of a tool runs."""
    lines = _Lines()
    before = _lines_of_tool.set(lines)
    try:
        yield
    finally:
        _lines_of_tool.reset(before)
        lines.end()


class _Diverted:
    """Stands in for a stream, and is another one in the context of a tool."""

    def __init__(self, usual: TextIO) -> None:
        self.usual = usual
        self.users = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(_lines_of_tool.get() or self.usual, name)


@contextmanager
def diverted() -> Generator[None]:
    """Keep tools off stdout meanwhile; several may do so at once."""
    present: Any = sys.stdout
    stand_in = present if isinstance(present, _Diverted) else _Diverted(sys.stdout)
    stand_in.users += 1
    sys.stdout = cast("TextIO", stand_in)
    try:
        yield
    finally:
        stand_in.users -= 1
        if not stand_in.users and cast("Any", sys.stdout) is stand_in:
            sys.stdout = stand_in.usual
