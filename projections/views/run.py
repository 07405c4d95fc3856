"""One run: what was wanted, what is planned, how far every task is, what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self, cast

from pydantic import ValidationError

from awe.domain.events import Event, Json
from awe.domain.failures import FailureClass
from awe.domain.identifiers import RUN_AGGREGATE, task_of_aggregate
from awe.domain.plan.model import Plan
from awe.domain.run.events import (
    CancelRequested,
    Finding,
    GoalSubmitted,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    RunEvent,
    RunFailed,
    RunSucceeded,
)
from awe.domain.run.state import ENDED, Run, RunStatus, evolve
from awe.projections.views.entry import Entry
from awe.projections.views.task import TaskView


@dataclass(slots=True)
class RunView:
    """A fold over the entries of one run, in log order; entries of other runs must not be given.

    Attributes:
        n: position of the last event seen.
        unknown_events: how many events of a newer release were passed over.
        plan: the plan in force, else the one proposed; None also while it lies in the blob of `plan_digest`.
        findings: why the last proposal was refused.
        failing: the first of the tasks because of which the run failed.
        tasks: by task key, in the order in which they became ready.
    """

    run: str
    state: Run = field(default_factory=Run)
    n: int = 0
    events: int = 0
    unknown_events: int = 0
    actor: str = ""
    submitted_ms: int = 0
    ended_ms: int | None = None
    last_ms: int = 0
    plan: Plan | None = None
    plan_digest: str | None = None
    findings: tuple[Finding, ...] = ()
    cancel_reason: str = ""
    failure: FailureClass | None = None
    message: str = ""
    failing: tuple[str, ...] = ()
    outputs: dict[str, Json] | None = None
    outputs_blob: str | None = None
    tasks: dict[str, TaskView] = field(default_factory=dict[str, TaskView])

    @classmethod
    def of(cls, run: str, entries: Iterable[Entry]) -> Self:
        view = cls(run)
        for entry in entries:
            view.apply(entry)
        return view

    @property
    def status(self) -> RunStatus:
        return self.state.status

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def goal(self) -> GoalSubmitted | None:
        return self.state.goal

    def apply(self, entry: Entry) -> None:
        """Take the next event of the run."""
        self.n, self.last_ms = entry.n, entry.time_ms
        self.events += 1
        if entry.event is None:
            self.unknown_events += 1
        elif entry.aggregate == RUN_AGGREGATE:
            self._run_event(entry, entry.event)
        elif (task := task_of_aggregate(entry.aggregate)) is not None:
            self.tasks.setdefault(task, TaskView(task)).apply(entry, entry.event)

    def read_plan(self, document: Any) -> None:
        """Take the plan from its document; what a newer release planned stays unread."""
        try:
            self.plan = Plan.model_validate(document)
        except ValidationError:
            self.plan = None

    def _run_event(self, entry: Entry, event: Event) -> None:
        told = cast("RunEvent", event)
        self.state = evolve(self.state, told)
        if self.ended:
            self.ended_ms = entry.time_ms
        match told:
            case GoalSubmitted():
                self.actor, self.submitted_ms = entry.actor, entry.time_ms
            case PlanProposed():
                self._proposed(told)
            case PlanRejected():
                self.findings = told.findings
            case PlanAccepted() | PlanRevised():
                self.findings = ()
            case CancelRequested():
                self.cancel_reason = told.reason
            case RunSucceeded():
                self.outputs, self.outputs_blob = told.outputs, told.outputs_blob
            case RunFailed():
                self.failure, self.message, self.failing = told.failure, told.message, told.failing
            case _:
                pass

    def _proposed(self, event: PlanProposed) -> None:
        self.plan_digest = event.digest
        self.plan = None
        if event.plan is not None:
            self.read_plan(event.plan)
