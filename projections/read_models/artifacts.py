"""`artifacts`: one row a file that a call of a run made; its bytes lie in the blob of its digest."""

from collections.abc import Iterable
from typing import ClassVar, cast

from awe.domain.events import Event
from awe.domain.identifiers import task_of_aggregate
from awe.domain.task.events import OperationObservedLate, OperationSucceeded
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.views.entry import Entry

_Told = OperationSucceeded | OperationObservedLate


class Artifacts(Projector):
    """Of two files of one name that a call made, the last counts."""

    name = "artifacts"
    version = 1
    events: ClassVar[tuple[type[Event], ...]] = (OperationSucceeded, OperationObservedLate)
    table = Table(
        columns={
            "run": "text",
            "task": "text",
            "call": "integer",
            "generation": "integer",
            "name": "text",
            "n": "bigint",
            "media_type": "text",
            "bytes": "bigint",
            "sha256": "text",
            "attempt": "integer",
            "made_ms": "bigint",
        },
        key=("run", "task", "call", "generation", "name"),
        indexes=("(run, n)", "(sha256)"),
    )

    def keys(self, entry: Entry) -> Iterable[Key]:
        event, task = cast("_Told", entry.event), task_of_aggregate(entry.aggregate)
        if task is None or not event.artifacts:
            return ()
        names = dict.fromkeys(each.name for each in event.artifacts)
        return [(entry.run, task, event.index, event.generation, name) for name in names]

    def rests(self, row: Row) -> bool:
        del row
        return True

    def apply(self, row: Row, entry: Entry) -> None:
        event = cast("_Told", entry.event)
        for each in event.artifacts or ():
            if each.name == row["name"]:
                row.update(
                    n=entry.n,
                    media_type=each.media_type,
                    bytes=each.bytes,
                    sha256=each.sha256,
                    attempt=event.attempt,
                    made_ms=entry.time_ms,
                )
