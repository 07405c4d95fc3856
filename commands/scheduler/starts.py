"""Makes tasks ready: what a candidate comes to is decided in the domain, read here and sent (I11, I13, I17)."""

from typing import cast

from pydantic_core import from_json

from awe.commands.log import Admission, Appended, Conflict, Expect, Guard, NewEvent, Outcome, Pressure
from awe.commands.scheduler.answers import Answers, Decision
from awe.commands.scheduler.bodies import put_json, written
from awe.commands.scheduler.partition_schedule import PartitionSchedule, Start
from awe.commands.scheduler.parts import Parts
from awe.domain.events import Context
from awe.domain.failures import FailureClass
from awe.domain.identifiers import RUN_AGGREGATE, TaskKey, task_aggregate
from awe.domain.plan.environments import CONDITION
from awe.domain.scheduling.frontier import Candidate
from awe.domain.scheduling.outputs import BlobsNeeded
from awe.domain.scheduling.preparation import Begin, GiveUp, Judge, Listed, Preparation, Skip
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.scheduling.track import Track
from awe.domain.task import decisions
from awe.domain.task.events import TaskEvent, TaskReady
from awe.domain.task.state import Task, TaskStatus
from awe.domain.task.work import Work

ACTOR = "scheduler"

_AGAIN_MS = 50
_RELIEF_MS = 500


class Starts:
    """Begins tasks of a partition's runs."""

    def __init__(self, plan: PartitionSchedule, answers: Answers, parts: Parts) -> None:
        self._plan = plan
        self._answers = answers
        self._parts = parts

    def dispatch(self, now_ms: int) -> None:
        """Begin what may begin and has room in its queue, one task of each run in turn."""
        turns = self._plan.turns
        for queue in turns.queues:
            while self._plan.unclaimed[queue] < self._parts.limits.dispatched:
                run = turns.next(queue)
                if run is None:
                    break
                schedule = self._plan.runs[run]
                if not self._began_next(schedule, now_ms):
                    self._plan.leave(schedule)

    def ready(self, schedule: RunSchedule, key: TaskKey, work: Work, candidate: Candidate | None) -> None:
        """Offer a task with its work, for the first time or again."""
        track = schedule.tracks.get(key)
        task = Task() if track is None else Task(track.status, track.attempt)
        (ready,) = cast(
            "tuple[TaskReady]",
            decisions.make_ready(task, plan=self._number(schedule), work=work.document()),
        )
        aggregate, queue = task_aggregate(key), self._plan.queue_of(schedule)
        # Of now: they may be others once a blob is stored.
        expects, context = _expects(schedule, aggregate, track), self.context(schedule)
        guard = Guard(work.control.version, work.control.append_id)
        events = written(aggregate, (ready,), context, queue)
        start = self._plan.start((schedule.run, key), queue)

        def offer(said: TaskReady, events: tuple[NewEvent, ...]) -> None:
            decision = Decision(schedule.run, expects, events, guard, admission=Admission.DISPATCH)
            self._send(schedule, key, start, (said,), decision, candidate)

        if len(events[0].body) <= self._parts.limits.inline_work:
            offer(ready, events)
            return

        async def offer_by_blob() -> None:
            digest = await put_json(self._parts.blobs, work.document())
            said = TaskReady(attempt=ready.attempt, plan=ready.plan, work_blob=digest)
            offer(said, written(aggregate, (said,), context, queue))

        self._answers.spawn(offer_by_blob(), schedule.run)

    def report(
        self,
        schedule: RunSchedule,
        track: Track,
        events: tuple[TaskEvent, ...],
        candidate: Candidate | None = None,
    ) -> None:
        """Append what was decided about a task that goes to no queue.

        What reports carries no guard (I11). A candidate is a task that may just begin and does not: no event but
        this tells of it, so only a guard keeps this out of a run that has ended meanwhile (I18).
        """
        aggregate = task_aggregate(track.key)
        decision = Decision(
            schedule.run,
            _expects(schedule, aggregate, track),
            written(aggregate, events, self.context(schedule)),
            None if candidate is None else Guard(*schedule.control),
        )
        start = self._plan.start((schedule.run, track.key))
        self._send(schedule, track.key, start, events, decision, candidate)

    def context(self, schedule: RunSchedule) -> Context:
        """In which context the scheduler decides about a run now."""
        asked = self._plan.contexts[schedule.run]
        return Context(ACTOR, self._plan.causes[schedule.run], schedule.run, asked.traceparent)

    def load(self, schedule: RunSchedule, needed: BlobsNeeded, candidate: Candidate | None) -> None:
        """Read blobs, then let the run have its turn again."""
        key = None if candidate is None else schedule.key_of(candidate)

        async def read() -> None:
            values = {
                digest: from_json(await self._parts.blobs.get(digest)) for digest in sorted(needed.digests)
            }
            prepared = schedule.preparation
            if prepared is not None:
                prepared.loaded.update(values)
            self._again(schedule, key, candidate)

        self._answers.spawn(read(), schedule.run)

    def _began_next(self, schedule: RunSchedule, now_ms: int) -> bool:
        try:
            return self._next(schedule, now_ms)
        except Exception as error:  # noqa: BLE001 (judged there)
            self._answers.blame(schedule.run, error)
            return False

    def _next(self, schedule: RunSchedule, now_ms: int) -> bool:
        prepared = schedule.preparation
        if prepared is None or not schedule.may_begin(now_ms):
            return False
        while schedule.retries:
            key = schedule.retries.popleft()
            candidate = schedule.candidate_of(key)
            waits = schedule.tracks[key].status is TaskStatus.WAITING
            if candidate is None or not prepared.frontier.is_known(candidate):
                continue  # a list that it needs is made first, and then all that waits is queued again
            if waits and (schedule.run, key) not in self._plan.starting:
                self._begin(schedule, prepared, candidate, now_ms)
                return True
        candidate = prepared.frontier.take(self._parts.limits.wave)
        if candidate is None:
            return False
        self._begin(schedule, prepared, candidate, now_ms)
        return True

    def _begin(self, schedule: RunSchedule, prepared: Preparation, candidate: Candidate, now_ms: int) -> None:
        key = schedule.key_of(candidate)
        known = schedule.tracks.get(key)
        since_ms = now_ms if known is None else known.first_ready_ms
        try:
            came_to = prepared.prepare(candidate, since_ms=since_ms, control=schedule.control)
        except BlobsNeeded as needed:
            self._plan.start((schedule.run, key))
            self.load(schedule, needed, candidate)
            return
        match came_to:
            case Begin(work):
                self.ready(schedule, key, work, candidate)
            case Skip(reason):
                self.report(schedule, _fresh(schedule, key), decisions.skip(Task(), reason=reason), candidate)
            case GiveUp(failure, cause):
                self._give_up(schedule, candidate, failure, "bindings", cause)
            case Judge():
                self._plan.start((schedule.run, key))
                self._answers.spawn(self._judge(schedule, prepared, candidate, came_to), schedule.run)
            case Listed():
                self._plan.dirty[schedule.run] = None

    def _give_up(
        self, schedule: RunSchedule, candidate: Candidate, failure: FailureClass, rule: str, cause: str
    ) -> None:
        track = _fresh(schedule, schedule.key_of(candidate))
        task = Task(status=track.status, attempt=track.attempt)
        events = decisions.give_up(task, failure=failure, rule=rule, cause=cause)
        self.report(schedule, track, events, candidate)

    async def _judge(
        self, schedule: RunSchedule, prepared: Preparation, candidate: Candidate, judge: Judge
    ) -> None:
        key = schedule.key_of(candidate)
        verdict = await self._parts.off_loop(
            self._parts.expressions.evaluate, judge.source, CONDITION, judge.values
        )
        if isinstance(verdict, bool):
            prepared.verdicts[candidate.task] = verdict
            self._again(schedule, key, candidate)
        elif self._plan.runs.get(schedule.run) is schedule:
            self._plan.started((schedule.run, key))
            cause = f"its condition cannot be judged: {verdict.reason}"
            if schedule.preparation is prepared:
                self._give_up(schedule, candidate, FailureClass.INVALID_INPUT, "condition", cause)

    def _again(self, schedule: RunSchedule, key: TaskKey | None, candidate: Candidate | None) -> None:
        """What was waited for is there: the candidate may be taken again."""
        if self._plan.runs.get(schedule.run) is not schedule:
            return
        if key is not None and candidate is not None:
            self._withdraw(schedule, key, candidate)
            self._plan.started((schedule.run, key))
        self._plan.dirty[schedule.run] = None

    def _withdraw(self, schedule: RunSchedule, key: TaskKey, candidate: Candidate) -> None:
        if key in schedule.tracks:
            schedule.retries.append(key)
        elif schedule.preparation is not None:
            schedule.preparation.frontier.withdraw(candidate)

    def _send(
        self,
        schedule: RunSchedule,
        key: TaskKey,
        start: Start,
        said: tuple[TaskEvent, ...],
        decision: Decision,
        candidate: Candidate | None,
    ) -> None:
        def tell(outcome: Outcome) -> None:
            if isinstance(outcome, Appended) or self._plan.runs.get(schedule.run) is not schedule:
                return  # what was appended is soon read in the log
            self._plan.started((schedule.run, key), start)
            begun = isinstance(outcome, Conflict) and outcome.aggregate == task_aggregate(key)
            if candidate is not None and not begun:
                self._withdraw(schedule, key, candidate)
            self._plan.leave(schedule)  # else its next turn, and the next refusal, would come at once
            wait_ms = _RELIEF_MS if isinstance(outcome, Pressure) else _AGAIN_MS
            self._plan.timers.wake_at(self._parts.clock.now_ms() + wait_ms, schedule.run)

        start.append_id = self._answers.send(decision, self._plan.position, tell)
        start.events = said

    @staticmethod
    def _number(schedule: RunSchedule) -> int:
        return schedule.state.plan.number if schedule.state.plan is not None else 1


def _expects(schedule: RunSchedule, aggregate: str, track: Track | None) -> tuple[Expect, ...]:
    own = Expect(aggregate, 0) if track is None else Expect(aggregate, track.version, track.append_id)
    return (own,) if schedule.ahead is None else (own, Expect(RUN_AGGREGATE, *schedule.ahead))


def _fresh(schedule: RunSchedule, key: TaskKey) -> Track:
    return schedule.tracks.get(key) or Track(key)
