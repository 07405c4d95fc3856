"""Given events, then rows: a projection in memory, without Postgres."""

from collections.abc import Iterable

from awe.projections.folding import Folded, fold, wanted
from awe.projections.projector import Key, Projector, Row
from awe.projections.views.entry import Entry


def rows(projector: Projector, entries: Iterable[Entry]) -> dict[Key, Row]:
    """The rows as they are stored; nothing may be parked."""
    found = folded(projector, entries)
    assert not found.parked, found.parked
    return {
        key: {name: projector.stored(row)[name] for name in projector.table.columns}
        for key, row in found.rows.items()
    }


def folded(projector: Projector, entries: Iterable[Entry]) -> Folded:
    """The rows, and the sequences that are parked."""
    return fold(projector, wanted(projector, entries), {}, {})
