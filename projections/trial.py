"""Given events, then rows: a projector tried in memory, without a server."""

from collections.abc import Iterable
from typing import Final

from awe.domain.events import Event
from awe.projections.folding import fold, wanted
from awe.projections.projector import Projector, Row
from awe.projections.views.entry import Entry

RUN: Final = "r-00-" + "0" * 26


def given(*events: Event, run: str = RUN, aggregate: str = "run", first: int = 1) -> list[Entry]:
    """The events as entries of one aggregate of a run (``run``, or ``t:`` and a task), one a second from ``first`` on."""
    return [
        Entry(n, run, aggregate, n * 1000, event.event_type, event, "")
        for n, event in enumerate(events, first)
    ]


def rows(projector: Projector, entries: Iterable[Entry]) -> list[Row]:
    """The rows that the events leave, as they would be stored, in the order in which they came to be.

    Raises:
        ValueError: an event cannot be applied; a running projector would park its sequence.
    """
    folded = fold(projector, wanted(projector, entries), {}, {})
    for sequence, parked in folded.parked.items():
        raise ValueError(f"{sequence} is parked from event {parked.n} on: {parked.error}")
    return [{name: row[name] for name in projector.table.columns} for row in folded.rows.values()]
