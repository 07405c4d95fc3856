"""Runs of a list in the making: a summary each, and whether the run is one that is wanted."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from awe.api.reading.entries import entry
from awe.api.reading.goal_words import matches
from awe.commands.log import EventLog, Position, RecordedEvent, Rewound
from awe.domain.identifiers import RUN_AGGREGATE
from awe.domain.run.events import GoalSubmitted
from awe.domain.run.state import RunStatus
from awe.projections.projector import Row
from awe.projections.queries.runs import RunFilter
from awe.projections.read_models.runs import GOAL_LENGTH, playbook_of
from awe.projections.views import summary
from awe.projections.views.summary import RunSummary

COLUMNS: Final = ("run", "status", "tenant", "goal", "playbook", "submitted_ms", "ended_ms")
"""What of the read model a line is made of."""


class LogMoved(Exception):  # noqa: N818 (named for the fact)
    """The log lost its end while it was read: begin again."""


@dataclass(slots=True)
class Line:
    """`fits`: its goal is one that is wanted, whatever the status is."""

    summary: RunSummary
    fits: bool = False

    @classmethod
    def of_row(cls, row: Row, wanted: RunFilter) -> "Line":
        """A run as the read model has it."""
        told = RunSummary(
            row["run"],
            RunStatus(row["status"] or RunStatus.ABSENT),
            row["tenant"] or "",
            (row["goal"] or "")[: summary.GOAL_LENGTH],
            row["submitted_ms"] or 0,
            row["ended_ms"],
        )
        return cls(told, _fits(told, row["goal"] or "", row["playbook"], wanted))

    def apply(self, event: RecordedEvent, wanted: RunFilter) -> None:
        """Take the next event of the run itself."""
        told = entry(event)
        self.summary.apply(told)
        if isinstance(goal := told.event, GoalSubmitted):
            self.fits = _fits(self.summary, goal.goal[:GOAL_LENGTH], playbook_of(goal.planning), wanted)


def _fits(told: RunSummary, goal: str, playbook: str | None, wanted: RunFilter) -> bool:
    return (
        bool(told.submitted_ms)
        and (wanted.text is None or matches(goal, wanted.text))
        and (wanted.playbook is None or playbook == wanted.playbook)
        and (wanted.tenant is None or told.tenant == wanted.tenant)
        and (wanted.since_ms is None or told.submitted_ms >= wanted.since_ms)
        and (wanted.until_ms is None or told.submitted_ms < wanted.until_ms)
    )


def chosen(lines: Iterable[Line], wanted: RunFilter, limit: int) -> list[RunSummary]:
    """The newest of those that are wanted."""
    found = [
        line.summary
        for line in lines
        if line.fits and (not wanted.statuses or line.summary.status in wanted.statuses)
    ]
    found.sort(key=lambda told: (told.submitted_ms, told.run), reverse=True)
    return found[:limit]


Before = Callable[[Collection[str]], Awaitable[Mapping[str, Line]]]
"""How runs stood before the events that are folded, those of which anything was known."""


async def folded(
    log: EventLog, after: int, head: Position, wanted: RunFilter, before: Before
) -> dict[str, Line]:
    """Return the runs to which something happened behind a position and up to the head, as they stand there.

    Raises:
        LogMoved: the log lost its end meanwhile.
    """
    lines: dict[str, Line] = {}
    async for events in pages(log, after, head):
        mine = [event for event in events if event.aggregate == RUN_AGGREGATE]
        if new := {event.run for event in mine} - lines.keys():
            lines.update(await before(new))
        for event in mine:
            lines.setdefault(event.run, Line(RunSummary(event.run))).apply(event, wanted)
    return lines


async def pages(log: EventLog, after: int, head: Position) -> AsyncGenerator[Sequence[RecordedEvent]]:
    """Yield what the log has behind a position and up to its head.

    Raises:
        LogMoved: the log lost its end meanwhile.
    """
    position = Position(after, head.epoch)
    while position.n < head.n:
        page = await log.read(position)
        if isinstance(page, Rewound) or not page.events:
            raise LogMoved
        yield page.events
        position = page.position
