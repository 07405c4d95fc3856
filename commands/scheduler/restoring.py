"""A scheduler begins where a snapshot says, with the histories of the runs that were unfinished there (I16).

Without a snapshot it begins at the first event. Either way it then reads on, and what a run has seen it skips.
"""

from awe.commands.log import EventLog, LogUnavailable, Page, RecordedEvent
from awe.commands.scheduler.answers import concerns_one_run
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.commands.scheduler.planning import Planning
from awe.commands.snapshots import Snapshots

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
                for event in history.events:
                    await self.take(event)
        while True:
            found = await self._log.read(self._plan.position)
            if not isinstance(found, Page):
                raise LogUnavailable(f"a snapshot stood on events that were lost: {found}")
            for event in found.events:
                await self.take(event)
            self._plan.position = found.position
            if not found.events:
                break
        if epochs - {self._plan.position.epoch}:
            raise LogUnavailable(
                "the log began a new epoch between the histories and its tail: read them again"
            )

    async def take(self, event: RecordedEvent) -> None:
        """Fold one event; a plan that it puts in force is read before the next one is taken."""
        schedule = self._plan.take(event)
        if schedule is not None and schedule.plan_missing is not None and not schedule.broken:
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
