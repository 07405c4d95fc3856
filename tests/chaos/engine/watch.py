"""How every run stands, from following the logs as any reader does."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from awe.api.reading.entries import entry
from awe.commands.log import EventLog, RecordedEvent
from awe.domain.task.state import TaskStatus
from awe.projections.views.run import RunView
from chaos.holder import Holder
from support.running import running

_AT_WORK = frozenset({TaskStatus.READY, TaskStatus.CLAIMED, TaskStatus.WAITING, TaskStatus.FAILED})


class Watch:
    """Views of all runs, moved on whenever they are asked for."""

    def __init__(self, holders: Mapping[str, Holder]) -> None:
        """``holders`` read the partitions of these names."""
        self._holders = holders
        self._views: dict[str, RunView] = {}
        self._folded = dict.fromkeys(holders, 0)
        self._rewound = 0

    @property
    def rewound(self) -> int:
        """How often a log was taken back behind what had been read of it."""
        return sum(holder.rewound for holder in self._holders.values())

    @property
    def seen(self) -> int:
        """How many events there are, as far as they were read."""
        return sum(len(holder.events) for holder in self._holders.values())

    @property
    def claimed(self) -> int:
        """How many tasks workers hold."""
        return sum(
            task.status is TaskStatus.CLAIMED
            for view in self.views().values()
            if not view.ended
            for task in view.tasks.values()
        )

    def unended(self) -> list[str]:
        """The runs that did not end yet, with the states of their tasks."""
        return [
            f"{run} is {view.status}: {dict(Counter(task.status.value for task in view.tasks.values()))}"
            for run, view in self.views().items()
            if not view.ended
        ]

    def events(self, partition: str) -> Sequence[RecordedEvent]:
        return self._holders[partition].events

    def views(self) -> Mapping[str, RunView]:
        if self.rewound != self._rewound:
            self._rewound = self.rewound
            self._views.clear()
            self._folded = dict.fromkeys(self._folded, 0)
        for partition, holder in self._holders.items():
            for event in holder.events[self._folded[partition] :]:
                self._views.setdefault(event.run, RunView(event.run)).apply(entry(event))
            self._folded[partition] = len(holder.events)
        return self._views


@asynccontextmanager
async def watching(logs: Mapping[str, EventLog]) -> AsyncGenerator[Watch]:
    holders = {partition: Holder(log) for partition, log in logs.items()}
    async with running(*(holder.run() for holder in holders.values())):
        yield Watch(holders)


def waits_for_a_person(view: RunView) -> bool:
    """Whether nothing can happen in the run until somebody says what became of a call."""
    statuses = {task.status for task in view.tasks.values()}
    return not view.ended and TaskStatus.UNKNOWN in statuses and not statuses & _AT_WORK
