"""Looks at every append as it is made: what must hold at any time, held then."""

import asyncio
from collections.abc import Callable

from awe.adapters.memory.deciding import Cold
from awe.adapters.memory.entries import Entry
from awe.adapters.memory.folding import fold
from awe.adapters.memory.partition import Partition
from awe.commands.log import Appended, Outcome, Position, RecordedEvent, Unit
from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.identifiers import task_of_aggregate
from awe.domain.task.events import (
    OperationFailed,
    OperationObservedLate,
    OperationStarted,
    OperationSucceeded,
    OutcomeUnknown,
    RetryScheduled,
    TaskDeadLettered,
)
from awe.domain.task.state import Task, TaskStatus
from awe.domain.vocabulary import CODEC
from simulation.bound import unlike_what_was_bound
from simulation.story import Call, RunStory

_REPORTS = OperationSucceeded | OperationFailed | OperationObservedLate | OutcomeUnknown


class Seen:
    """What the audit knows of one partition."""

    def __init__(self) -> None:
        self.stories: dict[str, RunStory] = {}
        self.n = 0
        self.epoch = 1
        self.time_ms = 0
        self.archived: list[str] = []
        self.opened_s = float("-inf")


class Audit:
    """`problems` is what was found wrong, with the time at which it was."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, lossy: bool, lease_s: float) -> None:
        self._loop = loop
        self._lease_s = lease_s
        self.lossy = lossy
        self.problems: list[str] = []
        self.tell: Callable[[str], None] | None = None
        """Hears everything that happens, where somebody wants to know."""
        self.intents: dict[Call, int] = {}
        """Every intent that was ever in a log, also if it was lost since, and when its call is over."""
        self.acknowledged: dict[tuple[str, str], Appended] = {}
        """What callers were told of their units, by partition and append id."""
        self._seen: dict[str, Seen] = {}

    def wrong(self, what: str) -> None:
        self.problems.append(f"[{self._loop.time():9.3f} s] {what}")
        self.note(f"WRONG: {what}")

    def note(self, what: str) -> None:
        """Say what happens."""
        if self.tell is not None:
            self.tell(f"[{self._loop.time():9.3f} s] {what}")

    def seen(self, partition: str) -> Seen:
        return self._seen.setdefault(partition, Seen())

    def stories(self) -> list[RunStory]:
        return [story for seen in self._seen.values() for story in seen.stories.values()]

    def reported(self) -> set[Call]:
        """Every call of whose outcome the logs tell."""
        found: set[Call] = set()
        for partition in self._seen.values():
            for story in partition.stories.values():
                found |= story.reports
        return found

    def appended(self, partition: Partition, unit: Unit, told: Outcome | Cold) -> None:
        """A unit was answered."""
        if not isinstance(told, Appended):
            return
        seen = self.seen(partition.name)
        before = seen.n
        for entry in partition.hot[before - partition.trimmed :] if partition.n > before else ():
            self._take(seen, partition, entry)
        if told.repeated:
            if partition.n != before:
                self.wrong(f"{partition.name}: a repeated unit {unit.id} was written again")
            return
        self._position(partition, unit)
        self._acks(seen, unit)
        story = seen.stories.get(unit.run)
        index = partition.derived.runs.get(unit.run)
        if unit.events and story is not None and index is not None and index.claims != story.claims:
            self.wrong(f"{unit.run}: {index.claims} claims are counted, {story.claims} are open")

    def archived(self, partition: Partition) -> None:
        """Entries were archived; from now on nobody may lose them."""
        kept = self.seen(partition.name).archived
        kept.extend(entry.event.append_id for entry in partition.cold[len(kept) :])

    def failed(self, partition: Partition) -> None:
        """A server failed, and came back with what it kept."""
        seen = self.seen(partition.name)
        self.note(f"{partition.name} failed, {partition.n} of {seen.n} events are left")
        if partition.n < seen.n:
            if not self.lossy:
                self.wrong(f"{partition.name}: events were lost that had to be kept")
            self._again(partition)
        if [entry.event.append_id for entry in partition.cold] != seen.archived:
            self.wrong(f"{partition.name}: the archive changed")

    def healed(self, partition: Partition) -> None:
        """A partition was opened: what it owes is there again (I5)."""
        seen = self.seen(partition.name)
        seen.opened_s = self._loop.time()
        self.note(f"{partition.name} is open in epoch {partition.epoch}")
        self.owed(partition, seen)

    def owed(self, partition: Partition, seen: Seen) -> None:
        """Compare with the entries what was derived from them."""
        anew, kept = fold(partition.entries()), partition.derived
        held = {key for queue in kept.queues.values() for key in queue}
        for story in seen.stories.values():
            for key in story.at(TaskStatus.READY):
                if story.offers[key, story.tasks[key].attempt] not in held:
                    self.wrong(f"{story.run}/{key}: it is ready, and no queue has its message (I5)")
        for name, position in anew.positions.items():
            if kept.positions.get(name, Position(0, 0)).n < position.n:
                self.wrong(
                    f"{partition.name}: {name} stands at {kept.positions.get(name)}, not {position} (I5)"
                )
        for run, index in kept.runs.items():
            if index != anew.runs.get(run):
                self.wrong(f"{partition.name}: the index of {run} differs from its entries (I4)")

    def _take(self, seen: Seen, partition: Partition, entry: Entry) -> None:
        event = entry.event
        if event.n != seen.n + 1 or event.time_ms < seen.time_ms or entry.epoch != partition.epoch:
            self.wrong(f"{partition.name}: entry {event.n} of epoch {entry.epoch} follows {seen.n}")
        if event.n <= len(seen.archived):
            self.wrong(f"{partition.name}: position {event.n} was given out again (I3)")
        seen.n, seen.time_ms = event.n, event.time_ms
        self.note(
            f"{partition.name} {event.n} {event.run[-4:]} {event.aggregate} {event.type} {event.body[:150]!r}"
        )
        decoded = self._tell(seen, event)
        if isinstance(decoded, RetryScheduled | TaskDeadLettered | OutcomeUnknown):
            lost = decoded.failure is FailureClass.WORKER_LOST
            if lost and self._loop.time() < seen.opened_s + self._lease_s:
                self.wrong(f"{event.run} {event.aggregate}: lost its worker right after an outage (I15)")

    def _tell(self, seen: Seen, recorded: RecordedEvent) -> Event:
        event, _ = CODEC.decode(recorded.type, recorded.body)
        story = seen.stories.get(recorded.run)
        if story is None:
            story = seen.stories[recorded.run] = RunStory(
                recorded.run, lambda what: self.wrong(f"{recorded.run} {what}"), lossy=self.lossy
            )
        story.take(recorded, event)
        key = task_of_aggregate(recorded.aggregate)
        if key is not None and isinstance(event, OperationStarted):
            call = (recorded.run, key, event.index, event.generation, event.attempt)
            self.intents[call] = event.call_until_ms
            unlike = unlike_what_was_bound(story, key, event)
            if unlike:
                self.wrong(f"{recorded.run}/{key}: {unlike}")
        if key is not None and isinstance(event, _REPORTS):
            story.reports.add((recorded.run, key, event.index, event.generation, event.attempt))
        return event

    def _position(self, partition: Partition, unit: Unit) -> None:
        advance = unit.advance
        if advance is not None and advance.to.n > partition.n:
            self.wrong(f"{partition.name}: {advance.reactor} stands at {advance.to}, ahead of the log (I12)")

    def _acks(self, seen: Seen, unit: Unit) -> None:
        for ack in unit.acks:
            for story in seen.stories.values():
                for (key, attempt), offered in story.offers.items():
                    if offered == (ack.n, ack.append_id) and not _is_over(story.tasks[key], attempt):
                        self.wrong(f"{story.run}/{key}: its message was taken away and it goes on (I14)")

    def _again(self, partition: Partition) -> None:
        """Fold what is left after a loss; what was wrong in it was told before."""
        seen, problems = self.seen(partition.name), len(self.problems)
        seen.stories, seen.n, seen.time_ms = {}, partition.n, partition.time_ms
        for entry in partition.entries():
            self._tell(seen, entry.event)
        del self.problems[problems:]


def _is_over(task: Task, attempt: int) -> bool:
    return task.attempt > attempt or (
        task.attempt == attempt and task.status not in {TaskStatus.READY, TaskStatus.CLAIMED}
    )
