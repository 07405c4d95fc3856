"""What the states of runs and tasks are called in front of people, and in which ink."""

from __future__ import annotations

from typing import Final

from awe.api.cli.output import Ink
from awe.domain.run.state import RunStatus
from awe.domain.task.state import TaskStatus

TASK_WORDS: Final = {
    TaskStatus.ABSENT: "pending",
    TaskStatus.READY: "queued",
    TaskStatus.CLAIMED: "running",
    TaskStatus.WAITING: "retrying",
    TaskStatus.UNKNOWN: "unknown",
    TaskStatus.FAILED: "retrying",
    TaskStatus.SUCCEEDED: "succeeded",
    TaskStatus.DEAD_LETTERED: "failed",
    TaskStatus.CANCELLED: "cancelled",
    TaskStatus.SKIPPED: "skipped",
}

TASK_INKS: Final = {
    TaskStatus.ABSENT: Ink.FAINT,
    TaskStatus.READY: Ink.FAINT,
    TaskStatus.CLAIMED: Ink.BLUE,
    TaskStatus.WAITING: Ink.YELLOW,
    TaskStatus.UNKNOWN: Ink.YELLOW,
    TaskStatus.FAILED: Ink.YELLOW,
    TaskStatus.SUCCEEDED: Ink.GREEN,
    TaskStatus.DEAD_LETTERED: Ink.RED,
    TaskStatus.CANCELLED: Ink.FAINT,
    TaskStatus.SKIPPED: Ink.FAINT,
}

RUN_INKS: Final = {
    RunStatus.ABSENT: Ink.FAINT,
    RunStatus.PLANNING: Ink.BLUE,
    RunStatus.RUNNING: Ink.BLUE,
    RunStatus.CANCELLING: Ink.YELLOW,
    RunStatus.SUCCEEDED: Ink.GREEN,
    RunStatus.FAILED: Ink.RED,
    RunStatus.CANCELLED: Ink.YELLOW,
}


def duration(ms: int) -> str:
    """A duration in at most six characters, as exact as a person wants it: `0.4s`, `12.3s`, `4m05s`, `3h07m`, `2d04h`."""
    seconds = max(ms, 0) / 1000
    if seconds < 99.95:  # noqa: PLR2004 (what rounds to three digits)
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    if not hours:
        return f"{minutes}m{rest:02d}s"
    days, hour = divmod(hours, 24)
    return f"{days}d{hour:02d}h" if days else f"{hours}h{minute:02d}m"
