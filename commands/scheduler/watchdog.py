"""Compares what the log owes with what there is, while nothing failed that anybody noticed (I5).

A ready task without a message gets it again; a due timer that nobody set is due all the same, since the watchdog has
every run looked at. A run with nothing at work, nothing to begin and nobody to wait for is reported: that is a fault
of this program.
"""

import logging
from collections import defaultdict

from awe.commands.queues import Sent, WorkQueues
from awe.commands.scheduler.answers import Answers
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.domain.identifiers import RunId
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.task.state import TaskStatus

_log = logging.getLogger(__name__)


class Watchdog:
    """Looks at a whole partition; what it finds twice in a row, long after it was dispatched, it repairs."""

    def __init__(
        self, plan: PartitionSchedule, answers: Answers, queues: WorkQueues, patience_ms: int
    ) -> None:
        self._plan = plan
        self._answers = answers
        self._queues = queues
        self._patience_ms = patience_ms
        self._stuck: set[RunId] = set()
        self._head_n = 0

    async def look(self, now_ms: int, head_n: int) -> None:
        """Look once, when the log's last event is number `head_n`.

        Raises:
            LogUnavailable: the partition cannot be asked now.
        """
        owed: defaultdict[str, list[Sent]] = defaultdict(list)
        for schedule in self._plan.runs.values():
            for track in schedule.tracks_at(TaskStatus.READY):
                if track.ready_ms < now_ms - self._patience_ms:
                    owed[self._plan.queue_of(schedule)].append(Sent(track.ready_n, track.ready_append))
        for queue, sent in owed.items():
            missing = await self._queues.missing(queue, sent)
            if missing:
                _log.warning("queue %s misses %d messages: they are sent again", queue, len(missing))
                await self._queues.send_again(queue, missing)
        if self._plan.position.n >= self._head_n:  # what the last look did not see yet is read by now
            self._report_stuck(now_ms)
        self._head_n = head_n
        self._plan.dirty.update(dict.fromkeys(self._plan.runs))

    def _report_stuck(self, now_ms: int) -> None:
        expected = self._plan.timers.runs | self._answers.runs_out
        stuck = {
            run
            for run, schedule in self._plan.runs.items()
            if run not in expected and self._waits_for_nobody(schedule, now_ms)
        }
        for run in stuck & self._stuck:
            _log.error("run %s has nothing at work and waits for nobody: cancel it, and report this", run)
        self._stuck = stuck

    def _waits_for_nobody(self, schedule: RunSchedule, now_ms: int) -> bool:
        at_work = any(schedule.by_status.values())
        on_its_way = (
            schedule.run in self._plan.deciding
            or schedule.plan_missing is not None
            or any(place[0] == schedule.run for place in self._plan.starting)
        )
        waits_its_turn = schedule.preparation is not None and not schedule.preparation.frontier.finished
        return not (at_work or on_its_way or (waits_its_turn and schedule.may_begin(now_ms)))
