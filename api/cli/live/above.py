"""What is written to standard error while a table moves there comes out above it, line by line."""

from __future__ import annotations

import io
from collections.abc import Callable
from threading import Lock
from typing import TextIO


class Above(io.TextIOBase):
    """Stands in for the stream; whoever writes may be in any thread."""

    def __init__(self, stream: TextIO, say: Callable[[str], None]) -> None:
        super().__init__()
        self._stream = stream
        self._say = say
        self._rest = ""
        self._lock = Lock()

    def write(self, text: str, /) -> int:
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
        if lines:
            self._say("\n".join(lines))
        return len(text)

    def end(self) -> None:
        """Write the last line, if it has no end."""
        if self._rest:
            self.write("\n")

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override] # (a plain attribute there, and nobody sets it)
        return self._stream.encoding
