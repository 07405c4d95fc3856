"""Since when: so long ago (`90m`, `2d`), or a day or time on the wall's clock (`2026-03-01`, `2026-03-01T09:30`)."""

from __future__ import annotations

import time
from datetime import datetime

import typer

from awe.adapters.playbooks.durations import milliseconds


def since(text: str) -> int:
    """The Unix time that is meant, in ms; a time that names no zone is one of this machine's.

    Raises:
        typer.BadParameter: it is neither.
    """
    try:
        return time.time_ns() // 1_000_000 - milliseconds(text)
    except ValueError:
        pass
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise typer.BadParameter(
            f"{text!r} is no time: write so long ago, like 90m or 2d, or a time, like 2026-03-01T09:30"
        ) from None
