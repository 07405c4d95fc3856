"""Decisions about a run itself: one at a time, since the next one would rest on what the first one leaves (I18)."""

from awe.commands.log import Appended, Expect, Outcome
from awe.commands.scheduler.answers import Answers, Decision, control_after
from awe.commands.scheduler.bodies import written
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.starts import Starts
from awe.domain.identifiers import RUN_AGGREGATE
from awe.domain.run.events import RunEvent
from awe.domain.scheduling.run_schedule import RunSchedule

_AGAIN_MS = 50


class RunDecisions:
    """Sends them, each with the expectation that the run's last event is the one that was folded."""

    def __init__(self, plan: PartitionSchedule, answers: Answers, starts: Starts, parts: Parts) -> None:
        self._plan = plan
        self._answers = answers
        self._starts = starts
        self._parts = parts

    def begin(self, schedule: RunSchedule) -> bool:
        """Take the run's one decision; False when another is on its way."""
        if schedule.run in self._plan.deciding:
            return False
        self._plan.deciding.add(schedule.run)
        return True

    def drop(self, schedule: RunSchedule) -> None:
        """Nothing is to be decided after all."""
        self._plan.deciding.discard(schedule.run)

    def send(self, schedule: RunSchedule, events: tuple[RunEvent, ...]) -> str:
        """Append what was decided; it is over when its events, or those that came first, are read in the log.

        Returns the append's id.
        """
        decision = Decision(
            schedule.run,
            (Expect(RUN_AGGREGATE, schedule.version, schedule.append_id),),
            written(RUN_AGGREGATE, events, self._starts.context(schedule)),
            control=control_after(schedule.state, events),
        )

        def tell(outcome: Outcome) -> None:
            if not isinstance(outcome, Appended):
                self.drop(schedule)
                schedule.not_accepted()
                self._plan.timers.wake_at(self._parts.clock.now_ms() + _AGAIN_MS, schedule.run)

        return self._answers.send(decision, self._plan.position, tell)
