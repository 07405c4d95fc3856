"""The rows of a run's table, one a step of its plan, and which of them are shown where there are too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from awe.api.cli.live.words import TASK_INKS, TASK_WORDS, duration
from awe.api.cli.output import Ink
from awe.api.cli.plain import plain
from awe.domain.task.state import ENDED, TaskStatus
from awe.projections.views.run import RunView
from awe.projections.views.steps import Step, steps

HEADER: Final = ("STATE", "TASK", "TIME", "TRIES", "NOTE")

_DEEPEST: Final = 6
_ORDER: Final = (
    TaskStatus.CLAIMED,
    TaskStatus.UNKNOWN,
    TaskStatus.DEAD_LETTERED,
    TaskStatus.WAITING,
    TaskStatus.FAILED,
    TaskStatus.READY,
    TaskStatus.CANCELLED,
    TaskStatus.SUCCEEDED,
    TaskStatus.ABSENT,
    TaskStatus.SKIPPED,
)
"""What a person wants to see most comes first."""


class Row(NamedTuple):
    state: str
    ink: Ink
    task: str
    time: str
    tries: str
    note: str


def rows(view: RunView, now_ms: int, *, at_most: int | None = None) -> tuple[list[Row], str]:
    """The rows in the order of the plan, and a line about those left out (empty: none were)."""
    all_steps = steps(view)
    shown = all_steps if at_most is None else _chosen(all_steps, at_most)
    kept = set(map(id, shown))
    left_out = Counter(_word(step, ended=view.ended) for step in all_steps if id(step) not in kept)
    told = ", ".join(f"{count} {word}" for word, count in left_out.items())
    return [_row(step, now_ms, ended=view.ended) for step in shown], told and f"not shown: {told}"


def _chosen(all_steps: Sequence[Step], at_most: int) -> Sequence[Step]:
    if len(all_steps) <= at_most:
        return all_steps
    best = sorted(
        range(len(all_steps)), key=lambda at: (_ORDER.index(all_steps[at].status), _recent(all_steps[at]))
    )
    return [all_steps[at] for at in sorted(best[:at_most])]


def _recent(step: Step) -> int:
    """Of those that ended the last first; all else in the order of the plan."""
    return -(step.ended_ms or 0)


def _row(step: Step, now_ms: int, *, ended: bool) -> Row:
    until = step.ended_ms if step.ended_ms is not None else now_ms
    return Row(
        _word(step, ended=ended),
        TASK_INKS[step.status],
        "  " * min(step.level, _DEEPEST) + step.id,
        "" if step.begun_ms is None else duration(until - step.begun_ms),
        str(step.attempts) if step.begun_ms is not None else "",
        _note(step, now_ms),
    )


def _word(step: Step, *, ended: bool) -> str:
    """A task that was not created when its run ended never will be."""
    return "not run" if ended and step.status not in ENDED else TASK_WORDS[step.status]


def _note(step: Step, now_ms: int) -> str:
    told = step.told
    notes: list[str] = []
    if step.fans_out and step.items:
        notes.append(_progress(step))
    if told is not None and told.due_ms is not None:
        notes.append(f"again in {duration(told.due_ms - now_ms)}")
    if told is not None and told.status is not TaskStatus.SUCCEEDED:
        reason = f"{told.failure}: {told.message}" if told.failure else told.message
        notes.append(plain(reason))
    return "; ".join(filter(None, notes))


def _progress(step: Step) -> str:
    counts = step.counts
    rest = (
        f"{counts[status]} {TASK_WORDS[status]}"
        for status in _ORDER
        if counts[status] and status is not TaskStatus.SUCCEEDED
    )
    return ", ".join((f"{counts[TaskStatus.SUCCEEDED]}/{len(step.items)} done", *rest))
