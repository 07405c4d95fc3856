"""A scheduler begins where a snapshot says, with the histories of the runs that were unfinished there (I16).

Without a snapshot it begins at the first event. Either way it then reads on, and what a run has seen it skips.
"""

from collections.abc import Sequence

from awe.commands.log import EventLog, LogUnavailable, Page, RecordedEvent
from awe.commands.scheduler.answers import concerns_one_run
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.commands.scheduler.planning import Planning
from awe.commands.snapshots import Snapshots
from awe.domain.scheduling.run_schedule import RunSchedule

FORM = "scheduler/1"
"""Which runs count as unfinished; raised when that changes."""


class Restoring:
    """Takes and uses the snapshots of one partition's scheduler."""

    def __init__(
        self, log: EventLog, snapshots: Snapshots, plan: PartitionSchedule, planning: Planning
    ) -> None:
        self._log = log
        self._snapshots = snapshots
        self._plan = plan
        self._planning = planning
        self.saved_n = 0
        """Where the last snapshot stands."""

    async def restore(self) -> None:
        """Fold everything up to the log's present head.

        Raises:
            LogUnavailable: the log cannot be read now.
            UnknownEvent: a newer release wrote something.
        """
        snapshot = await self._snapshots.latest(FORM)
        epochs: set[int] = set()
        if snapshot is not None:
            self._plan.position = snapshot.position
            self.saved_n = snapshot.position.n
            for run in snapshot.runs:
                history = await self._log.history(run)
                epochs.add(history.position.epoch)
                await self.fold(history.events)
        while True:
            found = await self._log.read(self._plan.position)
            if not isinstance(found, Page):
                raise LogUnavailable(f"a snapshot stood on events that were lost: {found}")
            await self.fold(found.events)
            self._plan.position = found.position
            if not found.events:
                break
        if epochs - {self._plan.position.epoch}:
            raise LogUnavailable(
                "the log began a new epoch between the histories and its tail: read them again"
            )

    async def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Fold events; a plan that one of them puts in force is read before the next one is taken."""
        take = self._plan.take
        for event in events:
            schedule = take(event)
            if schedule is not None:
                await self._adopt(schedule)

    async def _adopt(self, schedule: RunSchedule) -> None:
        try:
            await self._planning.adopt(schedule)
        except Exception as error:
            if not concerns_one_run(error):
                raise
            self._plan.break_off(schedule.run, error)

    async def save(self) -> None:
        """Take a snapshot of which runs are unfinished."""
        unfinished = [*self._plan.runs, *(run for _, run in self._plan.ended)]
        at = await self._snapshots.save(FORM, self._plan.position, unfinished)
        if at is not None:
            self.saved_n = at.n
            self._plan.ended = [each for each in self._plan.ended if each[0] > at.n]
