"""What happened, a line each: for logs and pipes, where a table cannot move."""

from __future__ import annotations

from awe.api.cli.live.words import duration
from awe.api.cli.plain import plain
from awe.domain.identifiers import task_of_aggregate
from awe.domain.run.events import (
    CancelRequested,
    GoalSubmitted,
    PlanAccepted,
    PlanRejected,
    PlanRevised,
    RunCancelled,
    RunFailed,
    RunSucceeded,
)
from awe.domain.task.events import (
    OperationFailed,
    OutcomeUnknown,
    RetryScheduled,
    TaskCancelled,
    TaskClaimed,
    TaskDeadLettered,
    TaskSkipped,
    TaskSucceeded,
)
from awe.projections.views.entry import Entry
from awe.projections.views.run import RunView


def change(entry: Entry, view: RunView) -> str | None:
    """The line for an event of the view's run, or None for what only programs want to know."""
    told = _task(entry, view) if task_of_aggregate(entry.aggregate) else _run(entry, view)
    since = duration(entry.time_ms - view.submitted_ms)
    return told and f"{since:>6}  {plain(told)}"


def _run(entry: Entry, view: RunView) -> str | None:  # noqa: PLR0911 (one return for each kind of event)
    match entry.event:
        case GoalSubmitted():
            return f"run {view.run}: submitted"
        case PlanAccepted() | PlanRevised():
            named = "" if view.plan is None else f" {view.plan.name}, tasks: {len(view.plan.tasks)}"
            return f"run: plan accepted{named and f':{named}'}"
        case PlanRejected(findings_count=count):
            return f"run: plan rejected, findings: {count}"
        case CancelRequested(reason=reason):
            return f"run: cancel requested{reason and f': {reason}'}"
        case RunSucceeded():
            return "run: succeeded"
        case RunFailed(failure=failure, message=message):
            return f"run: failed, {failure.value}: {message}"
        case RunCancelled():
            return "run: cancelled"
        case _:
            return None


def _task(entry: Entry, view: RunView) -> str | None:
    key = task_of_aggregate(entry.aggregate) or ""
    match entry.event:
        case TaskClaimed(attempt=attempt):
            told = f"running{f', attempt {attempt}' if attempt > 1 else ''}"
        case (
            OperationFailed(failure=failure, message=message)
            | OutcomeUnknown(failure=failure, message=message)
        ):
            word = "outcome unknown" if isinstance(entry.event, OutcomeUnknown) else "call failed"
            told = f"{word}, {failure.value}: {message}"
        case RetryScheduled(delay_ms=delay, failure=failure):
            told = f"again in {duration(delay)}, after {failure.value}"
        case TaskSucceeded():
            begun = view.tasks[key].begun_ms if key in view.tasks else None
            told = "succeeded" + (f" after {duration(entry.time_ms - begun)}" if begun else "")
        case TaskDeadLettered(failure=failure, cause=cause):
            told = f"failed, {failure.value}: {cause}"
        case TaskSkipped(reason=reason) | TaskCancelled(reason=reason):
            word = "skipped" if isinstance(entry.event, TaskSkipped) else "cancelled"
            told = f"{word}{reason and f': {reason}'}"
        case _:
            return None
    return f"{key}: {told}"
