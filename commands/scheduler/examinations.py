"""Decisions that need a task's whole history: a worker was lost, or an unknown outcome was seen late (I14, I21).

These are rare, so the fold of the log does not carry what they need: the history is read when one is due.
"""

from collections.abc import Callable
from typing import cast

from awe.commands.leases import Held
from awe.commands.log import Appended, Expect, LogUnavailable, Outcome
from awe.commands.scheduler.answers import Answers, Decision
from awe.commands.scheduler.bodies import written
from awe.commands.scheduler.partition_schedule import PartitionSchedule, Start
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.starts import Starts
from awe.domain.fold import fold
from awe.domain.identifiers import task_aggregate
from awe.domain.rejections import CallStillPossible, Rejected
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.scheduling.track import Track
from awe.domain.task import decisions
from awe.domain.task.events import TaskEvent, claims_delta
from awe.domain.task.state import Task, TaskStatus, evolve

Decide = Callable[[Task], tuple[TaskEvent, ...]]


class Examinations:
    """Reads a task's history and decides from it."""

    def __init__(self, plan: PartitionSchedule, answers: Answers, starts: Starts, parts: Parts) -> None:
        self._plan = plan
        self._answers = answers
        self._starts = starts
        self._parts = parts

    def resolve(self, schedule: RunSchedule, track: Track) -> None:
        """Find out what a late observation made of an unknown outcome, and let the policy speak on a failure."""
        if (schedule.run, track.key) in self._plan.starting:
            return
        start = self._plan.start((schedule.run, track.key))
        self._answers.spawn(self._resolve(schedule, track, start), schedule.run)

    async def lost(self) -> None:
        """Declare the workers lost whose leases ran out."""
        now_ms = self._parts.clock.now_ms() - self._parts.limits.skew_ms
        over = [
            (schedule, track)
            for schedule in self._plan.runs.values()
            for track in schedule.tracks_at(TaskStatus.CLAIMED)
            if track.lease_end_ms < now_ms and (schedule.run, track.key) not in self._plan.starting
        ]
        if not over:
            return
        held = [Held(schedule.run, task_aggregate(track.key), track.attempt) for schedule, track in over]
        ends = await self._parts.task_leases.ends(held)
        for (schedule, track), each in zip(over, held, strict=True):
            place = (schedule.run, track.key)
            if track.status is not TaskStatus.CLAIMED or track.attempt != each.attempt:
                continue  # it went on while the leases were asked for
            track.lease_end_ms = max(track.lease_end_ms, ends.get(each, 0))
            known = self._plan.runs.get(schedule.run) is schedule and place not in self._plan.starting
            if known and track.lease_end_ms < now_ms:
                self._answers.spawn(self._lose(schedule, track, self._plan.start(place)), schedule.run)

    async def _lose(self, schedule: RunSchedule, track: Track, start: Start) -> None:
        attempt = track.attempt

        def decide(task: Task) -> tuple[TaskEvent, ...]:
            return decisions.lose_worker(
                task,
                attempt=attempt,
                now_ms=self._parts.clock.now_ms(),
                skew_ms=self._parts.limits.skew_ms,
                identity=_identity(schedule, track),
            )

        await self._decide(schedule, track, start, decide)

    async def _resolve(self, schedule: RunSchedule, track: Track, start: Start) -> None:
        task, _, _ = await self._task(schedule, track)
        if task.status is not TaskStatus.FAILED:
            self._plan.started((schedule.run, track.key), start)
            if schedule.tracks[track.key].status is TaskStatus.UNKNOWN:
                schedule.resolved(track.key, task.status)
            self._plan.dirty[schedule.run] = None
            self._answers.heard.set()
            return
        schedule.resolved(track.key, TaskStatus.FAILED)

        def decide(judged: Task) -> tuple[TaskEvent, ...]:
            return decisions.judge_failure(judged, identity=_identity(schedule, track))

        await self._decide(schedule, track, start, decide)

    async def _decide(self, schedule: RunSchedule, track: Track, start: Start, decide: Decide) -> None:
        place = (schedule.run, track.key)
        try:
            task, version, append_id = await self._task(schedule, track)
            events = decide(task)
        except CallStillPossible as possible:
            track.lease_end_ms = possible.judge_after_ms
            self._plan.started(place, start)
            return
        except (Rejected, LogUnavailable):  # the log moved on and is soon read, or is looked at again
            self._plan.started(place, start)
            return

        if self._plan.runs.get(schedule.run) is not schedule:
            return  # it ended while the history was read

        def tell(outcome: Outcome) -> None:
            if not isinstance(outcome, Appended):  # what was appended is soon read in the log
                self._plan.started(place, start)

        aggregate = task_aggregate(track.key)
        decision = Decision(
            schedule.run,
            (Expect(aggregate, version, append_id),),
            written(aggregate, events, self._starts.context(schedule)),
            claims=claims_delta(events),
        )
        self._answers.send(decision, self._plan.position, tell)

    async def _task(self, schedule: RunSchedule, track: Track) -> tuple[Task, int, str]:
        history = await self._parts.log.history(schedule.run, task_aggregate(track.key))
        events = [
            cast("TaskEvent", self._parts.codec.decode(event.type, event.body)[0]) for event in history.events
        ]
        last = history.events[-1]
        return fold(Task(), evolve, events), last.version, last.append_id


def _identity(schedule: RunSchedule, track: Track) -> str:
    return f"{schedule.run}/{track.key}"
