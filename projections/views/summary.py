"""A run in one line of a list, from the events of the run itself and none of its tasks'."""

from dataclasses import dataclass
from typing import Final, cast

from awe.domain.identifiers import RUN_AGGREGATE
from awe.domain.run.events import GoalSubmitted, RunEvent
from awe.domain.run.state import ENDED, Run, RunStatus, evolve
from awe.projections.views.entry import Entry

GOAL_LENGTH: Final = 200


@dataclass(slots=True)
class RunSummary:
    """Small, since a list keeps one for every run; a long goal is cut."""

    run: str
    status: RunStatus = RunStatus.ABSENT
    tenant: str = ""
    goal: str = ""
    submitted_ms: int = 0
    ended_ms: int | None = None

    def apply(self, entry: Entry) -> None:
        """Take the next event of the run; those of its tasks change nothing."""
        if entry.aggregate != RUN_AGGREGATE or entry.event is None:
            return
        event = cast("RunEvent", entry.event)
        self.status = evolve(Run(self.status), event).status
        if isinstance(event, GoalSubmitted):
            self.tenant, self.submitted_ms = event.tenant, entry.time_ms
            self.goal = event.goal[:GOAL_LENGTH]
        if self.status in ENDED:
            self.ended_ms = entry.time_ms
