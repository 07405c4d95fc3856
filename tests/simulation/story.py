"""One task and one run as the log tells them, and what no log may tell."""

from collections.abc import Callable
from typing import cast

from awe.commands.log import RecordedEvent
from awe.domain.contracts import Effect
from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.identifiers import RUN_AGGREGATE, TaskKey, task_of_aggregate
from awe.domain.plan.model import Plan
from awe.domain.run.events import PlanProposed, RunCancelled, RunEvent, RunFailed, RunSucceeded
from awe.domain.run.state import ENDED as RUN_ENDED
from awe.domain.run.state import Run, RunStatus
from awe.domain.run.state import evolve as evolve_run
from awe.domain.task.events import (
    OperationFailed,
    OperationObservedLate,
    OperationStarted,
    OperationSucceeded,
    OutcomeUnknown,
    RetryScheduled,
    TaskCancelled,
    TaskClaimed,
    TaskDeadLettered,
    TaskEvent,
    TaskReady,
    TaskSkipped,
    TaskSucceeded,
)
from awe.domain.task.operation import OperationStatus
from awe.domain.task.state import ENDED, Task, TaskStatus, evolve

AT_WORK = frozenset(
    {TaskStatus.READY, TaskStatus.CLAIMED, TaskStatus.WAITING, TaskStatus.UNKNOWN, TaskStatus.FAILED}
)

Call = tuple[str, TaskKey, int, int, int]
"""A call: run, task, index, generation, attempt."""

Wrong = Callable[[str], None]


class RunStory:
    """Folds the events of one run with the domain's own folds; whatever may not follow is told to `wrong`."""

    def __init__(self, run: str, wrong: Wrong, *, lossy: bool) -> None:
        self.run = run
        self.lossy = lossy
        self.state = Run()
        self.tasks: dict[TaskKey, Task] = {}
        self.offers: dict[tuple[TaskKey, int], tuple[int, str]] = {}
        """Where each attempt was offered: position and append id."""
        self.outputs: dict[TaskKey, TaskSucceeded] = {}
        self.reports: set[Call] = set()
        """The calls of which something was reported."""
        self.plan: Plan | None = None
        self._wrong = wrong

    @property
    def claims(self) -> int:
        return sum(task.status is TaskStatus.CLAIMED for task in self.tasks.values())

    def at(self, *statuses: TaskStatus) -> list[TaskKey]:
        return [key for key, task in self.tasks.items() if task.status in statuses]

    def take(self, recorded: RecordedEvent, event: Event) -> None:
        key = task_of_aggregate(recorded.aggregate)
        if key is not None:
            self._task(key, recorded, cast("TaskEvent", event))
        elif recorded.aggregate == RUN_AGGREGATE:
            self._run(cast("RunEvent", event))

    def _run(self, event: RunEvent) -> None:
        before = self.state.status
        if before in RUN_ENDED:
            self._wrong(f"{event.event_name} after the run's end")
        if before is RunStatus.CANCELLING and not isinstance(event, RunCancelled):
            self._wrong(f"{event.event_name} in a run that is being cancelled (I18)")
        if isinstance(event, RunSucceeded | RunFailed | RunCancelled):
            busy = sorted(self.at(*AT_WORK))
            if busy:
                self._wrong(f"{event.event_name} while {busy} are at work (I18)")
        if isinstance(event, RunSucceeded):
            self._all_ended()
        if isinstance(event, PlanProposed):
            self.plan = None if event.plan is None else Plan.model_validate(event.plan)
        self.state = evolve_run(self.state, event)

    def _all_ended(self) -> None:
        begun = {key.partition("[")[0] for key in self.tasks}
        for task in self.plan.tasks if self.plan is not None else ():
            if task.for_each is None and task.id not in begun:
                self._wrong(f"the run succeeded and '{task.id}' never began (I18)")

    def _task(self, key: TaskKey, recorded: RecordedEvent, event: TaskEvent) -> None:
        task = self.tasks.get(key, Task())
        fault = self._fault(task, event)
        if fault:
            self._wrong(f"{key}: {event.event_name} {fault}")
        if _too_early(task, event, recorded.time_ms):
            self._wrong(f"{key}: its worker was given up while its call could still act (I21)")
        if isinstance(event, TaskReady):
            self.offers[key, event.attempt] = (recorded.n, recorded.append_id)
        if isinstance(event, TaskSucceeded):
            self.outputs[key] = event
        self.tasks[key] = evolve(task, event)

    def _fault(self, task: Task, event: TaskEvent) -> str | None:  # noqa: PLR0911 (one for each kind of event)
        if isinstance(event, OperationObservedLate):
            return None
        if task.status in ENDED:
            return f"after its end as {task.status}"
        if self.state.status in RUN_ENDED:
            return "after the run's end"
        match event:
            case TaskReady():
                fits = task.status in {TaskStatus.ABSENT, TaskStatus.WAITING}
                return self._begins() or _unless(fits and event.attempt == task.attempt + 1, task)
            case TaskClaimed():
                fits = task.status is TaskStatus.READY and event.attempt == task.attempt
                return self._begins() or _unless(fits, task)
            case OperationStarted():
                told_again = self.lossy  # an intent that was lost is told again with the report on it
                begins = None if told_again else self._begins()
                return begins or _unless(_holds(task, event.attempt), task) or _repeats(task, event)
            case OperationSucceeded() | OperationFailed() | OutcomeUnknown():
                return _unless(_holds(task, event.attempt), task) or _unopened(task, event)
            case TaskSucceeded():
                return _unless(_holds(task, event.attempt), task)
            case RetryScheduled() | TaskDeadLettered() | TaskCancelled():
                claimed = task.status is TaskStatus.CLAIMED
                return _unless(_holds(task, event.attempt) if claimed else event.attempt is None, task)
            case TaskSkipped():
                return _unless(task.status is TaskStatus.ABSENT, task)

    def _begins(self) -> str | None:
        status = self.state.status
        if status in {RunStatus.CANCELLING, *RUN_ENDED}:
            return f"in a run that is {status}: its guard let it pass (I11)"
        return None


def _too_early(task: Task, event: TaskEvent, now_ms: int) -> bool:
    if not isinstance(event, RetryScheduled | TaskDeadLettered | OutcomeUnknown):
        return False
    call = task.open_operation
    writes = call is not None and call.effect is not Effect.READ and now_ms < call.call_until_ms
    return writes and event.failure is FailureClass.WORKER_LOST


def _holds(task: Task, attempt: int | None) -> bool:
    return task.status is TaskStatus.CLAIMED and attempt == task.attempt


def _unless(fits: bool, task: Task) -> str | None:  # noqa: FBT001 (a condition)
    return None if fits else f"does not follow on attempt {task.attempt}, {task.status}"


def _unopened(task: Task, event: OperationSucceeded | OperationFailed | OutcomeUnknown) -> str | None:
    known = task.operation(event.index)
    if known is None or known.status is not OperationStatus.OPEN or known.generation != event.generation:
        return "tells of a call that is not open"
    return None


def _repeats(task: Task, event: OperationStarted) -> str | None:
    known = task.operation(event.index)
    if task.open_operation is not None:
        return "while another call is open"
    if known is None:
        return None if event.index == len(task.operations) else "out of order"
    if known.status is OperationStatus.SUCCEEDED:
        return "repeats a call that succeeded"
    if not known.settled and not known.repeatable:
        return "repeats a call that must not be repeated (I20)"
    if known.generation != event.generation and not known.settled:
        return "raises a generation whose outcome is not known (I22)"
    return None
