"""The files that one call made, in the order in which its event names them: the rows of the read model have none."""

from collections.abc import Iterable, Mapping, Sequence

from awe.domain.task.events import OperationObservedLate, OperationSucceeded
from awe.projections.projector import Row
from awe.projections.views.entry import Entry

Call = tuple[str, int, int]
"""A task, the number of a call among its calls, and the call's generation."""


def by_call(files: Iterable[Row]) -> dict[Call, Sequence[Row]]:
    """The rows of each call."""
    found: dict[Call, list[Row]] = {}
    for row in files:
        found.setdefault((row["task"], row["call"], row["generation"]), []).append(row)
    return {**found}


def positions_of_several(calls: Mapping[Call, Sequence[Row]]) -> set[int]:
    """Where the events stand that tell the order of files: those of calls that made more than one."""
    return {row["n"] for files in calls.values() if len(files) > 1 for row in files}


def in_order(files: Sequence[Row], told: Mapping[int, Entry]) -> Sequence[Row] | None:
    """The files of one call in the order of its event; None where the rows are not those of one event, all of it."""
    if len(files) == 1:
        return files
    entry = told.get(files[0]["n"])
    event = None if entry is None else entry.event
    if not isinstance(event, OperationSucceeded | OperationObservedLate):
        return None
    if {row["n"] for row in files} != {files[0]["n"]}:
        return None
    names, rows = [each.name for each in event.artifacts or ()], {row["name"]: row for row in files}
    return [rows[name] for name in names] if sorted(names) == sorted(rows) else None
