"""What a run's events come to: its control state, and nothing about its tasks."""

from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from awe.domain.run.events import (
    CancelRequested,
    GoalSubmitted,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunCancelled,
    RunEvent,
    RunFailed,
    RunSucceeded,
)


class RunStatus(StrEnum):
    ABSENT = "absent"
    PLANNING = "planning"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED})


class PlanRef(NamedTuple):
    """A proposed plan: its number among the run's proposals and the digest of its canonical form."""

    number: int
    digest: str


class Run(NamedTuple):
    """`proposal` waits for an answer, `plan` is in force, `proposals` have been made so far."""

    status: RunStatus = RunStatus.ABSENT
    goal: GoalSubmitted | None = None
    proposals: int = 0
    proposal: PlanRef | None = None
    plan: PlanRef | None = None


def evolve(run: Run, event: RunEvent) -> Run:  # noqa: PLR0911 (one return for each kind of event)
    match event:
        case GoalSubmitted():
            return run._replace(status=RunStatus.PLANNING, goal=event)
        case PlanProposed():
            return run._replace(proposals=event.number, proposal=PlanRef(event.number, event.digest))
        case PlanRejected():
            return run._replace(proposal=None)
        case PlanAccepted() | PlanRevised():
            accepted = PlanRef(event.number, event.digest)
            return run._replace(status=RunStatus.RUNNING, proposal=None, plan=accepted)
        case CancelRequested():
            return run._replace(status=RunStatus.CANCELLING, proposal=None)
        case RunSucceeded():
            return run._replace(status=RunStatus.SUCCEEDED)
        case RunFailed():
            return run._replace(status=RunStatus.FAILED)
        case RunCancelled():
            return run._replace(status=RunStatus.CANCELLED)
        case _:
            assert_never(event)
