"""Text from outside is shown as text: it starts no new line of its own and gives the terminal no orders."""

from __future__ import annotations

import re
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """The text on one line, what no line may hold replaced by U+FFFD."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """The text line by line, what no line may hold replaced by U+FFFD."""
    return "\n".join(_CONTROL.sub("\ufffd", line) for line in text.split("\n"))
