"""`dead_letters`: one row a task that is not tried again without a person: why, after how much, by which rule."""

from collections.abc import Iterable
from typing import ClassVar, cast

from awe.domain.events import Event
from awe.domain.identifiers import task_of_aggregate
from awe.domain.task.events import TaskDeadLettered
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.views.entry import Entry


class DeadLetters(Projector):
    """`failure`, `cause` and `rule` are those of the event, so nothing is judged again."""

    name = "dead_letters"
    version = 1
    events: ClassVar[tuple[type[Event], ...]] = (TaskDeadLettered,)
    table = Table(
        columns={
            "run": "text",
            "task": "text",
            "n": "bigint",
            "failure": "text",
            "rule": "text",
            "cause": "text",
            "attempts": "integer",
            "died_ms": "bigint",
        },
        key=("run", "task"),
        indexes=("(died_ms DESC, run)", "(failure, died_ms DESC)"),
    )

    def keys(self, entry: Entry) -> Iterable[Key]:
        task = task_of_aggregate(entry.aggregate)
        return () if task is None else ((entry.run, task),)

    def rests(self, row: Row) -> bool:
        del row
        return True

    def apply(self, row: Row, entry: Entry) -> None:
        event = cast("TaskDeadLettered", entry.event)
        row.update(
            n=entry.n,
            failure=event.failure.value,
            rule=event.rule,
            cause=event.cause,
            attempts=event.attempts,
            died_ms=entry.time_ms,
        )
