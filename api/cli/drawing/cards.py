"""A task as a card: how large it must be for its text, and the text that fits.

Widths of text are estimated, since what draws the picture picks the font; the estimate is a generous one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from awe.api.cli.plain import plain, printable
from awe.api.cli.plan_outline import Outline, continues, tools

PADDING: Final = 12.0
LINE: Final = 17.0
PILL: Final = 18.0
PILL_GAP: Final = 5.0
_NARROWEST: Final = 132.0
_WIDEST: Final = 288.0
_ID_CHARACTER: Final = 8.1
_CHARACTER: Final = 6.3
_PILL_CHARACTER: Final = 5.8
_PILL_MARGIN: Final = 16.0


class Kind(StrEnum):
    """What a pill tells; also its class in the style sheet."""

    EACH = "each"
    WHEN = "when"
    CONTINUES = "continues"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Pill:
    kind: Kind
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class Card:
    """`lines` are cut to the widest card; `tip` says everything in full."""

    name: str
    lines: tuple[str, ...]
    pills: tuple[Pill, ...]
    stacked: bool
    tip: str
    width: float
    height: float

    @classmethod
    def of(cls, outline: Outline, index: int) -> Self:
        task = outline.plan.tasks[index]
        lines = tuple(filter(None, (task.title, " → ".join(tools(task)))))
        pills = tuple(
            _pill(kind, text)
            for kind, text in (
                (Kind.EACH, _each(outline, index)),
                (Kind.WHEN, task.when and f"when {task.when}"),
                (Kind.CONTINUES, continues(task)),
                (Kind.RESULT, _given(outline, task.id)),
            )
            if text
        )
        widest = max(
            len(task.id) * _ID_CHARACTER,
            *(len(line) * _CHARACTER for line in lines),
            *(pill.width for pill in pills),
            _NARROWEST - 2 * PADDING,
        )
        inner = min(widest, _WIDEST - 2 * PADDING)
        return cls(
            name=cut(task.id, inner / _ID_CHARACTER),
            lines=tuple(cut(line, inner / _CHARACTER) for line in lines),
            pills=pills,
            stacked=task.for_each is not None,
            tip=_tip(outline, index),
            width=inner + 2 * PADDING,
            height=2 * PADDING + LINE * (1 + len(lines)) + (PILL + PILL_GAP) * len(pills) - 3,
        )


def cut(text: str, most: float) -> str:
    """The text on one line of at most so many characters."""
    flat = plain(text)
    return flat if len(flat) <= most else flat[: max(int(most) - 1, 1)].rstrip() + "…"


def _pill(kind: Kind, text: str) -> Pill:
    shown = cut(text, (_WIDEST - 2 * PADDING - _PILL_MARGIN) / _PILL_CHARACTER)
    return Pill(kind, shown, len(shown) * _PILL_CHARACTER + _PILL_MARGIN)


def _each(outline: Outline, index: int) -> str:
    repeated = outline.plan.tasks[index].for_each
    if repeated is None:
        return ""
    most = f" ≤ {repeated.max_items}" if repeated.max_items else ""
    return f"each of {repeated.items.source}{repeated.items.path}{most}"


def _given(outline: Outline, task: str) -> str:
    results = outline.results.get(task, ())
    return f"gives {', '.join(results)}" if results else ""


def _tip(outline: Outline, index: int) -> str:
    task = outline.plan.tasks[index]
    return printable(
        "\n".join(
            (
                f"{task.id}: {task.title}" if task.title else task.id,
                *(f"tool {tool}" for tool in tools(task)),
                *filter(None, (_each(outline, index), task.when and f"when {task.when}", continues(task))),
                *(f"must meet {criterion.id}: {criterion.source}" for criterion in task.acceptance_criteria),
                *([f"within {task.deadline_ms} ms"] if task.deadline_ms else []),
                *(f"gives {name}" for name in outline.results.get(task.id, ())),
            )
        )
    )
