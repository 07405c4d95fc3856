"""What a run needs now, whatever happened to it: planned, judged, stopped, or ended.

This looks at the state and never at a single event, so it may look too often, after a restart or after an event that
was already reacted to: what is on its way, or in the log, is not decided again.
"""

from collections import deque

from pydantic_core import to_json

from awe.commands.scheduler.answers import Answers
from awe.commands.scheduler.bodies import put_json
from awe.commands.scheduler.examinations import Examinations
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.planning import Planning
from awe.commands.scheduler.run_decisions import RunDecisions
from awe.commands.scheduler.starts import Starts
from awe.domain.events import Json
from awe.domain.identifiers import PLANNING
from awe.domain.run.state import RunStatus
from awe.domain.scheduling import completion
from awe.domain.scheduling.outputs import BlobsNeeded
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.task.state import TaskStatus


class Attendance:
    """Attends to the runs of a partition."""

    def __init__(
        self,
        plan: PartitionSchedule,
        answers: Answers,
        starts: Starts,
        decisions: RunDecisions,
        planning: Planning,
        examinations: Examinations,
        parts: Parts,
    ) -> None:
        self._plan = plan
        self._answers = answers
        self._starts = starts
        self._decisions = decisions
        self._planning = planning
        self._examinations = examinations
        self._parts = parts

    def attend(self, schedule: RunSchedule, now_ms: int) -> None:
        """Decide what the run needs, and let it have its turn."""
        may_begin = schedule.may_begin(now_ms)
        for track in list(schedule.tracks_at(TaskStatus.UNKNOWN, TaskStatus.FAILED)):
            if track.seen_late or (track.status is TaskStatus.FAILED and may_begin):
                self._examinations.resolve(schedule, track)
        if not may_begin:
            for stop in completion.stops(schedule, now_ms):
                if (schedule.run, stop.track.key) not in self._plan.starting:
                    self._starts.report(schedule, stop.track, stop.events)
        if completion.may_end(schedule, now_ms):
            self._end(schedule)
        elif may_begin:
            self._go_on(schedule, now_ms)

    def _go_on(self, schedule: RunSchedule, now_ms: int) -> None:
        if schedule.state.status is RunStatus.PLANNING:
            self._planning.attend(schedule, now_ms)
            return
        self._queue_retries(schedule, now_ms)
        if schedule.may_have_a_turn:
            self._plan.join(schedule)

    def _queue_retries(self, schedule: RunSchedule, now_ms: int) -> None:
        if not schedule.by_status[TaskStatus.WAITING]:
            schedule.retries.clear()
            return
        schedule.retries = deque(
            track.key
            for track in schedule.tracks_at(TaskStatus.WAITING)
            if track.due_ms <= now_ms
            and track.key != PLANNING
            and (schedule.run, track.key) not in self._plan.starting
        )

    def _end(self, schedule: RunSchedule) -> None:
        busy = any(place[0] == schedule.run for place in self._plan.starting)
        if schedule.run in self._plan.deciding or busy:
            return
        outputs: dict[str, Json] | str = {}
        if schedule.preparation is not None and schedule.preparation.frontier.finished:
            try:
                outputs = schedule.preparation.run_outputs()
            except BlobsNeeded as needed:
                self._starts.load(schedule, needed, None)
                return
        self._decisions.begin(schedule)
        if isinstance(outputs, str) or len(to_json(outputs)) <= self._parts.limits.inline_work:
            self._decisions.send(schedule, completion.end(schedule, outputs))
        else:
            self._answers.spawn(self._end_by_blob(schedule, outputs), schedule.run)

    async def _end_by_blob(self, schedule: RunSchedule, outputs: dict[str, Json]) -> None:
        blob = await put_json(self._parts.blobs, outputs)
        if self._plan.runs.get(schedule.run) is not schedule:
            self._decisions.drop(schedule)
            return  # another scheduler ended it while the blob was written
        self._decisions.send(schedule, completion.end(schedule, outputs, blob))
