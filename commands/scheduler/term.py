"""One term of office of a scheduler: fold, attend, dispatch, wait. Nothing of it outlives the term."""

from awe.commands.log import LogUnavailable, Position, Rewound
from awe.commands.scheduler.answers import Answers, Replaced
from awe.commands.scheduler.attendance import Attendance
from awe.commands.scheduler.examinations import Examinations
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.planning import Planning
from awe.commands.scheduler.restoring import Restoring
from awe.commands.scheduler.run_decisions import RunDecisions
from awe.commands.scheduler.starts import Starts
from awe.commands.scheduler.watchdog import Watchdog
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.scheduling.vigil import Vigil


class Term:
    """Folds a partition from a snapshot on and keeps it going."""

    def __init__(self, parts: Parts, vigil: Vigil) -> None:
        self._parts = parts
        self._vigil = vigil
        self._plan = PartitionSchedule(parts.codec)
        self._answers = Answers(parts.log, parts.ids, self._plan.break_off)
        self._starts = Starts(self._plan, self._answers, parts)
        decisions = RunDecisions(self._plan, self._answers, self._starts, parts)
        planning = Planning(self._plan, self._answers, self._starts, decisions, parts)
        self._examinations = Examinations(self._plan, self._answers, self._starts, parts)
        self._attendance = Attendance(
            self._plan, self._answers, self._starts, decisions, planning, self._examinations, parts
        )
        self._restoring = Restoring(parts.log, parts.snapshots, self._plan, planning)
        self._watchdog = Watchdog(
            self._plan, self._answers, parts.queues, patience_ms=int(parts.limits.watch_s * 1000)
        )
        self._alarm_ms: int | None = None

    async def serve(self) -> None:
        """Schedule until something takes the office away.

        Raises:
            Replaced: another scheduler, a new epoch or a loss; fold again.
            LogUnavailable, LogCorrupt: the partition does not answer, or waits for a person.
            UnknownEvent: a newer release wrote something.
        """
        await self._restoring.restore()
        await self._answers.resume(self._plan.position)
        self._plan.dirty.update(dict.fromkeys(self._plan.runs))
        for work in (self._read(), self._keep(), self._watch(), self._save()):
            self._answers.spawn(work)
        while True:
            self._answers.heard.clear()
            self._answers.check()
            self._attend()
            await self._answers.heard.wait()

    async def aclose(self) -> None:
        """Leave what is out to the log, which carries it to its end."""
        await self._answers.aclose()

    def _attend(self) -> None:
        now_ms = self._parts.clock.now_ms()
        self._plan.dirty.update(dict.fromkeys(self._plan.timers.due(now_ms)))
        while True:
            dirty, self._plan.dirty = self._plan.dirty, {}
            for run in dirty:
                schedule = self._plan.runs.get(run)
                if schedule is not None and run not in self._plan.parked:
                    self._attend_to(schedule, now_ms)
            self._starts.dispatch(now_ms)
            if not self._plan.dirty:
                break
        self._set_alarm(now_ms)

    def _attend_to(self, schedule: RunSchedule, now_ms: int) -> None:
        try:
            self._attendance.attend(schedule, now_ms)
        except Exception as error:  # noqa: BLE001 (judged there)
            self._answers.blame(schedule.run, error)

    async def _read(self) -> None:
        """Fold what is appended, and attend to it in the same turn of the loop."""
        async for found in self._parts.log.follow(self._plan.position):
            if isinstance(found, Rewound) or found.position.epoch != self._plan.position.epoch:
                raise Replaced("the log began a new epoch")
            await self._restoring.fold(found.events)
            self._plan.position = Position(found.events[-1].n, found.position.epoch)
            self._attend()

    async def _keep(self) -> None:
        """Keep the office, look after the leases of workers, and move the position."""
        parts = self._parts
        while True:
            await parts.clock.sleep(parts.limits.tick_s)
            try:
                if not await parts.role.take(parts.holder, parts.limits.role_lease_ms):
                    raise Replaced("another scheduler holds the lease")
                head = await parts.log.head()
                if head.epoch != self._plan.position.epoch:
                    raise Replaced("the log began a new epoch")
                self._vigil.watch(parts.clock.monotonic(), head.epoch)
                if self._vigil.may_declare(parts.clock.monotonic()):
                    await self._examinations.lost()
            except LogUnavailable:
                self._vigil.interrupted()
            self._answers.move(self._plan.position)
            self._answers.heard.set()

    async def _watch(self) -> None:
        parts = self._parts
        while True:
            await parts.clock.sleep(parts.limits.watch_s)
            try:
                head = await parts.log.head()
                await self._watchdog.look(parts.clock.now_ms(), head.n)
            except LogUnavailable:
                continue
            self._answers.heard.set()

    async def _save(self) -> None:
        """Take a snapshot now and then, and sooner when much happened, be it before this term."""
        parts = self._parts
        since = parts.clock.monotonic()
        while True:
            await parts.clock.sleep(parts.limits.tick_s)
            news, now = self._plan.position.n - self._restoring.saved_n, parts.clock.monotonic()
            much = news >= parts.limits.snapshot_events
            if news and (much or now - since >= parts.limits.snapshot_s):
                since = now
                await self._restoring.save()

    def _set_alarm(self, now_ms: int) -> None:
        due_ms = self._plan.timers.next_ms
        if due_ms is None or (self._alarm_ms is not None and now_ms < self._alarm_ms <= due_ms):
            return
        self._alarm_ms = due_ms
        self._answers.spawn(self._ring((due_ms - now_ms) / 1000))

    async def _ring(self, seconds: float) -> None:
        await self._parts.clock.sleep(max(seconds, 0.001))
        self._answers.heard.set()
