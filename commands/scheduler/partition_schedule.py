"""What a scheduler knows of its partition: the unfinished runs, whose turn it is, what is due when.

It is a fold of the log. Unfinished runs can be taken from their histories first and the log's tail after that: what a
run has seen is skipped.
"""

import logging
from collections import defaultdict
from typing import Final, cast

from awe.commands.log import Position, RecordedEvent
from awe.commands.offers import DEFAULT_QUEUE
from awe.domain.codec import Codec, UnknownEvent
from awe.domain.events import Context
from awe.domain.identifiers import RUN_AGGREGATE, RunId, TaskKey, task_of_aggregate
from awe.domain.run.events import GoalSubmitted, RunEvent
from awe.domain.scheduling.fairness import Turns
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.scheduling.timers import Timers
from awe.domain.scheduling.track import UNREAD, Stamp, Track
from awe.domain.task.state import TaskStatus

_BEGINNINGS: Final = frozenset(
    f"{GoalSubmitted.event_name}/{version}" for version in range(1, GoalSubmitted.schema_version + 1)
)

Place = tuple[RunId, TaskKey]

_log = logging.getLogger(__name__)


class PartitionSchedule:
    """`position` is where the fold stands; `dirty` are the runs that something happened to."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.position = Position(0, 0)
        self.runs: dict[RunId, RunSchedule] = {}
        self.contexts: dict[RunId, Context] = {}
        """Who asked for the run, and in which trace."""
        self.causes: dict[RunId, str] = {}
        """The id of the run's last event."""
        self.dirty: dict[RunId, None] = {}
        self.turns = Turns()
        self.timers = Timers()
        self.unclaimed: defaultdict[str, int] = defaultdict(int)
        """Messages of each queue that nobody claimed, those included that are on their way into the log."""
        self.starting: dict[Place, str | None] = {}
        """Tasks whose first or next event is on its way, and the queue that it goes to, if any."""
        self.deciding: set[RunId] = set()
        """Runs about which a decision of their own is on its way: their plan, or their end."""
        self.parked: set[RunId] = set()
        """Runs that met a fault of this program twice: nothing is decided about them in this term."""
        self.ended: list[tuple[int, RunId]] = []
        """Runs that ended, with the position of their end, until a snapshot has passed it."""

    def take(self, event: RecordedEvent) -> RunSchedule | None:
        """Take one event in log order; return its run, if that is unfinished.

        Raises:
            UnknownEvent: a newer release wrote it; nobody can say what would be overlooked (I9).
        """
        run = cast("RunId", event.run)
        schedule = self.runs.get(run)
        if schedule is None:
            if event.type not in _BEGINNINGS:
                if event.type not in self._codec.types:
                    raise UnknownEvent(
                        f"event {event.n} has type {event.type!r}, which this release does not know: upgrade it"
                    )
                return None
            schedule = self.runs[run] = RunSchedule(run)
        elif event.n <= schedule.folded:
            return schedule
        stamp = Stamp(event.n, event.version, event.append_id, event.time_ms)
        task = task_of_aggregate(event.aggregate)
        if task is not None:
            self._take_task(schedule, task, stamp, event)
        elif event.aggregate == RUN_AGGREGATE:
            decoded, context = self._codec.decode(event.type, event.body)
            schedule.apply_run(stamp, cast("RunEvent", decoded))
            self.deciding.discard(run)
            if isinstance(decoded, GoalSubmitted):
                self._begin(schedule, context)
        self.causes[run] = event.id
        self.dirty[run] = None
        if schedule.ended:
            self._end(schedule)
            return None
        return schedule

    def start(self, place: Place, queue: str | None) -> None:
        """A task's next event is on its way, to a queue or to none."""
        self.starting[place] = queue
        if queue is not None:
            self.unclaimed[queue] += 1

    def started(self, place: Place) -> None:
        """That event is in the log, or will never be."""
        queue = self.starting.pop(place, None)
        if queue is not None:
            self.unclaimed[queue] -= 1

    def break_off(self, run: RunId, error: BaseException) -> None:
        """A fault of this program met the run: let it fail as such, and if that cannot be either, leave it alone.

        Other runs go on. Nothing of this is in the log but the run's end, so another release may do better.
        """
        schedule = self.runs.get(run)
        if schedule is None:
            return
        _log.error("run %s met a fault of the scheduler", run, exc_info=error)
        for place in [place for place in self.starting if place[0] == run]:
            self.started(place)
        self.deciding.discard(run)
        if schedule.broken:
            self.parked.add(run)
            self.leave(schedule)
        else:
            schedule.break_off(
                f"a fault of the engine: {type(error).__name__}; the scheduler's log says more"
            )
            self.dirty[run] = None

    def queue_of(self, schedule: RunSchedule) -> str:
        return schedule.goal.queue or DEFAULT_QUEUE

    def join(self, schedule: RunSchedule) -> None:
        """The run may have something to begin."""
        self.turns.join(schedule.run, self.queue_of(schedule), schedule.goal.priority or 0)

    def leave(self, schedule: RunSchedule) -> None:
        """The run has nothing to begin for now."""
        self.turns.leave(schedule.run, self.queue_of(schedule), schedule.goal.priority or 0)

    def _take_task(self, schedule: RunSchedule, task: TaskKey, stamp: Stamp, event: RecordedEvent) -> None:
        known = schedule.tracks.get(task)
        before = TaskStatus.ABSENT if known is None else known.status
        decoded = None if event.type in UNREAD else self._codec.decode(event.type, event.body)[0]
        track = schedule.apply_task(task, stamp, decoded)
        if decoded is not None:
            self.started((schedule.run, task))
        queue = self.queue_of(schedule)
        self.unclaimed[queue] += (track.status is TaskStatus.READY) - (before is TaskStatus.READY)
        self._remind(schedule, track)

    def _remind(self, schedule: RunSchedule, track: Track) -> None:
        if track.status is TaskStatus.WAITING and track.due_ms:
            self.timers.wake_at(track.due_ms, schedule.run)

    def _begin(self, schedule: RunSchedule, context: Context) -> None:
        self.contexts[schedule.run] = context
        if schedule.deadline_ms is not None:
            self.timers.wake_at(schedule.deadline_ms, schedule.run)

    def _end(self, schedule: RunSchedule) -> None:
        run = schedule.run
        self.leave(schedule)
        self.unclaimed[self.queue_of(schedule)] -= schedule.count(TaskStatus.READY)
        for place in [place for place in self.starting if place[0] == run]:
            self.started(place)
        self.deciding.discard(run)
        self.parked.discard(run)
        self.ended.append((schedule.folded, run))
        del self.runs[run]
        self.contexts.pop(run, None)
        self.causes.pop(run, None)
        self.dirty.pop(run, None)
