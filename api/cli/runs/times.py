"""Times as people read them: by the clock on their wall."""

from __future__ import annotations

from datetime import UTC, datetime


def local(ms: int) -> str:
    """A time of the log to the second; nothing where there is none."""
    if not ms:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
