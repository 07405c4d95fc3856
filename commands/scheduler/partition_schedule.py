"""What a scheduler knows of its partition: the unfinished runs, whose turn it is, what is due when.

It is a fold of the log. Unfinished runs can be taken from their histories first and the log's tail after that: what a
run has seen is skipped.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from awe.commands.log import Position, RecordedEvent
from awe.commands.offers import DEFAULT_QUEUE
from awe.domain.codec import Codec, UnknownEvent
from awe.domain.events import Context, Event
from awe.domain.identifiers import RUN_AGGREGATE, RunId, TaskKey, task_of_aggregate
from awe.domain.run.events import GoalSubmitted, RunEvent
from awe.domain.scheduling.fairness import Turns
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.scheduling.timers import Timers
from awe.domain.scheduling.track import UNREAD, Track
from awe.domain.task.events import TaskEvent
from awe.domain.task.state import TaskStatus

_BEGINNINGS: Final = frozenset(
    f"{GoalSubmitted.event_name}/{version}" for version in range(1, GoalSubmitted.schema_version + 1)
)

Place = tuple[RunId, TaskKey]

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Start:
    """A task's first or next event, on its way to a queue or to none; known by its append once that is sent.

    What this scheduler wrote itself it need not decode again when it reads it.
    """

    queue: str | None = None
    append_id: str = ""
    events: Sequence[TaskEvent] = ()


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
        self.starting: dict[Place, Start] = {}
        """Tasks whose first or next event is on its way."""
        self.deciding: set[RunId] = set()
        """Runs about which a decision of their own is on its way: their plan, or their end."""
        self.parked: set[RunId] = set()
        """Runs that met a fault of this program twice: nothing is decided about them in this term."""
        self.ended: list[tuple[int, RunId]] = []
        """Runs that ended, with the position of their end, until a snapshot has passed it."""

    def take(self, event: RecordedEvent) -> RunSchedule | None:
        """Take one event in log order; return its run, if a plan has to be read for it before the next event.

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
            return None
        self.causes[run] = event.id
        task = task_of_aggregate(event.aggregate)
        if task is not None:
            self._take_task(schedule, task, event)
        elif event.aggregate == RUN_AGGREGATE:
            self._take_run(schedule, event)
            return schedule if schedule.plan_missing is not None and not schedule.broken else None
        return None

    def start(self, place: Place, queue: str | None = None) -> Start:
        """A task's next event is on its way, to a queue or to none."""
        start = self.starting[place] = Start(queue)
        if queue is not None:
            self.unclaimed[queue] += 1
        return start

    def started(self, place: Place, only: Start | None = None) -> None:
        """That event is in the log, or will never be; with `only`, an event of a later start is not meant."""
        start = self.starting.get(place)
        if start is None or (only is not None and only is not start):
            return
        del self.starting[place]
        if start.queue is not None:
            self.unclaimed[start.queue] -= 1

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

    def _take_run(self, schedule: RunSchedule, event: RecordedEvent) -> None:
        decoded, context = self._codec.decode(event.type, event.body)
        schedule.apply_run(event, cast("RunEvent", decoded))
        self.deciding.discard(schedule.run)
        self.dirty[schedule.run] = None
        if isinstance(decoded, GoalSubmitted):
            self._begin(schedule, context)
        if schedule.ended:
            self._end(schedule)

    def _take_task(self, schedule: RunSchedule, task: TaskKey, event: RecordedEvent) -> None:
        if event.type in UNREAD:
            schedule.apply_task(task, event, None)
            return
        place = (schedule.run, task)
        start = self.starting.get(place)
        if start is not None and start.append_id == event.append_id:
            decoded: Event = start.events[event.place]
        else:
            decoded = self._codec.decode(event.type, event.body)[0]
        known = schedule.tracks.get(task)
        was_ready = known is not None and known.status is TaskStatus.READY
        track = schedule.apply_task(task, event, decoded)
        self.started(place)
        if was_ready is not (track.status is TaskStatus.READY):
            self.unclaimed[self.queue_of(schedule)] += -1 if was_ready else 1
        if track.status is not TaskStatus.CLAIMED:  # a claim lets nothing of its run begin or end
            self.dirty[schedule.run] = None
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
