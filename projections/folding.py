"""A batch of events becomes a set of changed rows, in memory; an event that cannot be applied parks its sequence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from awe.projections.projector import Key, Projector, Row
from awe.projections.views.entry import Entry

ERROR_LENGTH = 500


@dataclass(slots=True)
class Parked:
    """A sequence that stopped: at which position, how many events wait from there on, and why."""

    n: int
    events: int
    error: str


@dataclass(slots=True)
class Folded:
    """What a batch changes: rows by key, and sequences that are parked now, with all their events."""

    rows: dict[Key, Row] = field(default_factory=dict[Key, Row])
    parked: dict[str, Parked] = field(default_factory=dict[str, Parked])
    newly_parked: int = 0

    def add(self, later: "Folded") -> None:
        """Take what a later batch changes."""
        self.rows.update(later.rows)
        self.parked.update(later.parked)
        self.newly_parked += later.newly_parked


def wanted(projector: Projector, entries: Iterable[Entry]) -> list[Entry]:
    """The events that a projector has asked for; those of a newer release are passed over."""
    kinds = projector.events
    return [entry for entry in entries if isinstance(entry.event, kinds)]


def touched(projector: Projector, entries: Iterable[Entry]) -> set[Key]:
    """The rows that the events may change; an event whose keys cannot be told is parked when it is folded."""
    keys: set[Key] = set()
    for entry in entries:
        try:
            keys.update(projector.keys(entry))
        except Exception:  # noqa: BLE001, S112 (`fold` meets it again, and parks it)
            continue
    return keys


def fold(
    projector: Projector, entries: Iterable[Entry], known: Mapping[Key, Row], parked: Mapping[str, Parked]
) -> Folded:
    """Apply events in order to rows that are known; all others are new.

    Args:
        projector: whose rows.
        entries: events that it wants.
        known: the rows as they stand. They are not changed.
        parked: the sequences that were parked before.
    """
    folded = Folded()
    for entry in entries:
        sequence = sequence_of(projector, entry)
        stopped = folded.parked.get(sequence) or parked.get(sequence)
        if stopped is not None:
            folded.parked[sequence] = Parked(stopped.n, stopped.events + 1, stopped.error)
            continue
        try:
            changed = _applied(projector, entry, folded.rows, known)
        except Exception as error:  # noqa: BLE001 (whatever a projector raises is about this event)
            told = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
            folded.parked[sequence] = Parked(entry.n, 1, told)
            folded.newly_parked += 1
        else:
            folded.rows.update(changed)
    return folded


def sequence_of(projector: Projector, entry: Entry) -> str:
    """Whose order the event belongs to; its run's, when the projector cannot tell."""
    try:
        return projector.sequence(entry)
    except Exception:  # noqa: BLE001 (the event is parked under its run when it is applied, or applied all the same)
        return entry.run


def _applied(
    projector: Projector, entry: Entry, changed: Mapping[Key, Row], known: Mapping[Key, Row]
) -> Sequence[tuple[Key, Row]]:
    """All rows of one event, or none."""
    rows: list[tuple[Key, Row]] = []
    for key in projector.keys(entry):
        before = changed.get(key) or known.get(key)
        row = dict(before) if before is not None else blank(projector, key)
        projector.apply(row, entry)
        rows.append((key, row))
    return rows


def blank(projector: Projector, key: Key) -> Row:
    """A row that is not there yet."""
    row: Row = dict.fromkeys(projector.table.columns)
    row.update(zip(projector.table.key, key, strict=True))
    return row
