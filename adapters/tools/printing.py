"""What a tool prints goes to stderr: stdout belongs to the program, which may be writing data to it.

While anybody `diverts`, `sys.stdout` looks at the context in which something is printed. A thread that a tool starts
itself has a context of its own, and a program that it starts has the real descriptor: a heavy tool has neither gap,
its whole process writes to stderr.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO, cast

in_tool: ContextVar[bool] = ContextVar("in_tool", default=False)
"""Set where the code of a tool runs."""


class _Diverted:
    """Stands in for a stream, and is another one in the context of a tool."""

    def __init__(self, usual: TextIO) -> None:
        self.usual = usual
        self.users = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if in_tool.get() else self.usual, name)


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
