"""What the scheduler knows of one run: a fold of the run's events, and what follows from it.

It is changed in place, one event after the other in log order, since a run may have tens of thousands of tasks; it
decides nothing that is not a function of the events it saw and of what was read for it (a plan, blobs, verdicts).
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, cast

from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.identifiers import PLANNING, RunId, TaskKey, split_task_key, task_key
from awe.domain.plan.model import Plan
from awe.domain.run.events import GoalSubmitted, PlanAccepted, PlanProposed, RunEvent, restricts
from awe.domain.run.state import ENDED as RUN_ENDED
from awe.domain.run.state import Run, RunStatus
from awe.domain.run.state import evolve as evolve_run
from awe.domain.scheduling.frontier import Candidate, Frontier
from awe.domain.scheduling.outputs import Output
from awe.domain.scheduling.preparation import Preparation, Subject
from awe.domain.scheduling.track import Stamp, Track
from awe.domain.task.events import (
    OperationObservedLate,
    OutcomeUnknown,
    RetryScheduled,
    TaskCancelled,
    TaskClaimed,
    TaskDeadLettered,
    TaskReady,
    TaskSkipped,
    TaskSucceeded,
)
from awe.domain.task.state import ENDED, TaskStatus
from awe.domain.task.work import Control

_MAY_BEGIN: Final = (RunStatus.PLANNING, RunStatus.RUNNING)

_AT_WORK: Final = (
    TaskStatus.READY,
    TaskStatus.CLAIMED,
    TaskStatus.WAITING,
    TaskStatus.UNKNOWN,
    TaskStatus.FAILED,
)


class Failing:
    """What keeps the run from its goal: the failure of a task, or one of the engine itself."""

    __slots__ = ("failure", "message", "task")

    def __init__(self, task: TaskKey | None, failure: FailureClass, message: str) -> None:
        self.task = task
        self.failure = failure
        self.message = message


class Ahead(NamedTuple):
    """The acceptance of a plan that is on its way into the log: which version of the run it makes, in which append."""

    version: int
    append_id: str


class RunSchedule:
    """One run; `folded` is the position of its last event that was taken."""

    def __init__(self, run: RunId) -> None:
        self.run = run
        self.folded = 0
        self.state = Run()
        self.version = 0
        self.append_id = ""
        self.control = Control()
        self.deadline_ms: int | None = None
        """Unix time until which the goal is to be reached."""
        self.tracks: dict[TaskKey, Track] = {}
        self.by_status: dict[TaskStatus, dict[TaskKey, None]] = {status: {} for status in _AT_WORK}
        self.failing: list[Failing] = []
        self.proposed: PlanProposed | None = None
        self.accepted: PlanAccepted | None = None
        self.planned: Output | None = None
        """What planning came to, once it has."""
        self.preparation: Preparation | None = None
        self.ahead: Ahead | None = None
        """Set while tasks are prepared for a plan whose acceptance was not seen in the log yet: they rest on it."""
        self.retries: deque[TaskKey] = deque()
        """Tasks that were begun before and are to be made ready again."""

    @property
    def goal(self) -> GoalSubmitted:
        if self.state.goal is None:
            raise LookupError(f"run {self.run} has no goal yet")
        return self.state.goal

    @property
    def ended(self) -> bool:
        return self.state.status in RUN_ENDED

    @property
    def plan_missing(self) -> PlanProposed | None:
        """The accepted plan that has to be read and adopted before the run's next event is taken."""
        return self.proposed if self.accepted is not None and self.preparation is None else None

    def may_begin(self, now_ms: int) -> bool:
        """Whether anything new may begin in the run."""
        late = self.deadline_ms is not None and now_ms >= self.deadline_ms
        return self.state.status in _MAY_BEGIN and not self.failing and not late

    @property
    def may_have_a_turn(self) -> bool:
        """Whether a task may be begun, or made ready again."""
        return self.preparation is not None and (bool(self.retries) or self.preparation.frontier.any_open)

    @property
    def broken(self) -> bool:
        """Whether a fault of the engine met the run."""
        return any(each.task is None for each in self.failing)

    def break_off(self, message: str) -> None:
        """A fault of the engine met the run, which cannot go on."""
        self.failing.append(Failing(None, FailureClass.INTERNAL, message))

    def tracks_at(self, *statuses: TaskStatus) -> Iterator[Track]:
        for status in statuses:
            for key in self.by_status[status]:
                yield self.tracks[key]

    def count(self, *statuses: TaskStatus) -> int:
        return sum(len(self.by_status[status]) for status in statuses)

    def key_of(self, candidate: Candidate) -> TaskKey:
        name, item = self._prepared.plan.tasks[candidate.task].id, candidate.item
        return TaskKey(name) if item is None else task_key(name, item)

    def candidate_of(self, key: TaskKey) -> Candidate | None:
        """The place of a task in the plan; None for what is no task of the plan, as planning is."""
        if self.preparation is None:
            return None
        places = self.preparation.frontier.graph.index
        whole = places.get(key)
        if whole is not None:
            return Candidate(whole)
        name, item = split_task_key(key)
        index = places.get(name)
        return None if index is None else Candidate(index, item)

    def adopt(self, plan: Plan) -> None:
        """Take the plan that was accepted."""
        if self.accepted is None:
            raise LookupError(f"run {self.run} has accepted no plan")
        self._prepare(plan, self.accepted.contracts or {})

    def anticipate(self, plan: Plan, contracts: Mapping[str, str], ahead: Ahead) -> None:
        """Take a plan whose acceptance was just sent, so that what may begin with it can follow at once."""
        self._prepare(plan, contracts)
        self.ahead = ahead

    def not_accepted(self) -> None:
        """The acceptance that was sent is not in the log: what was prepared for its plan is forgotten."""
        if self.ahead is not None:
            self.preparation = self.ahead = None

    def apply_run(self, stamp: Stamp, event: RunEvent) -> None:
        """Take an event of the run itself."""
        self.folded, self.version, self.append_id = stamp.n, stamp.version, stamp.append_id
        self.state = evolve_run(self.state, event)
        if restricts(event) and stamp.append_id != self.control.append_id:
            self.control = Control(self.control.version + 1, stamp.append_id)
        match event:
            case GoalSubmitted():
                if event.deadline_ms is not None:
                    self.deadline_ms = stamp.time_ms + event.deadline_ms
            case PlanProposed():
                self.proposed = event
            case PlanAccepted():
                if self.ahead is not None and self.ahead.append_id != stamp.append_id:
                    self.not_accepted()
                self.accepted, self.ahead = event, None
            case _:
                pass

    def apply_task(self, key: TaskKey, stamp: Stamp, event: Event | None) -> Track:
        """Take an event of a task, None for one that need not be read; return what is known of the task now."""
        track = self.tracks.get(key)
        if track is None:
            track = self.tracks[key] = Track(key, self.candidate_of(key))
            if track.candidate is not None:
                self._prepared.frontier.begin(track.candidate)
        self.folded, track.version, track.append_id = stamp.n, stamp.version, stamp.append_id
        if event is not None:
            self._take(track, stamp, event)
        return track

    def resolved(self, key: TaskKey, status: TaskStatus) -> None:
        """What a task's history made of it, after a late observation."""
        track = self.tracks[key]
        track.seen_late = False
        self._move(track, status)
        if status is TaskStatus.WAITING:
            track.due_ms = 0

    def _take(self, track: Track, stamp: Stamp, event: Event) -> None:
        match event:
            case TaskReady():
                track.attempt, track.ready_n, track.ready_append = event.attempt, stamp.n, stamp.append_id
                track.ready_ms = stamp.time_ms
                track.first_ready_ms = track.first_ready_ms or stamp.time_ms
                self._move(track, TaskStatus.READY)
            case TaskClaimed():
                track.lease_ms, track.lease_end_ms = event.lease_ms, stamp.time_ms + event.lease_ms
                self._move(track, TaskStatus.CLAIMED)
            case TaskSucceeded():
                self._end(track, TaskStatus.SUCCEEDED, Output(event.output, event.output_blob))
            case RetryScheduled():
                track.due_ms = stamp.time_ms + event.delay_ms
                self._move(track, TaskStatus.WAITING)
            case OutcomeUnknown():
                self._move(track, TaskStatus.UNKNOWN)
            case OperationObservedLate():
                track.seen_late = track.status is TaskStatus.UNKNOWN
            case TaskDeadLettered():
                self._fail(track, event.failure, event.cause)
            case TaskSkipped():
                self._end(track, TaskStatus.SKIPPED, None)
            case TaskCancelled():
                self._end(track, TaskStatus.CANCELLED, None)
            case _:
                raise TypeError(f"{event.event_name} is no event of a task that is read here")

    def _fail(self, track: Track, failure: FailureClass, cause: str) -> None:
        self._end(track, TaskStatus.DEAD_LETTERED, None)
        candidate = track.candidate
        fatal = track.key == PLANNING or (
            candidate is not None and self._prepared.plan.tasks[candidate.task].on_failure == "fail_run"
        )
        if fatal:
            self.failing.append(Failing(track.key, failure, cause))

    def _end(self, track: Track, status: TaskStatus, output: Output | None) -> None:
        self._move(track, status)
        if track.key == PLANNING:
            self.planned = output
        if track.candidate is not None:
            self._prepared.ended(track.candidate, output)

    def _move(self, track: Track, status: TaskStatus) -> None:
        if track.status in self.by_status:
            del self.by_status[track.status][track.key]
        track.status = status
        if status not in ENDED:
            self.by_status[status][track.key] = None

    def _prepare(self, plan: Plan, contracts: Mapping[str, str]) -> None:
        subject = Subject(self.run, self.goal.goal, self.goal.inputs, contracts, self.deadline_ms)
        self.preparation = Preparation(subject, Frontier(plan))

    @property
    def _prepared(self) -> Preparation:
        return cast("Preparation", self.preparation)
