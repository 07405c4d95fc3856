"""A batch of events becomes a set of changed rows, in memory; an event that cannot be applied parks its sequence."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from awe.projections.projector import Key, Projector, Row
from awe.projections.stored import StoredEntry
from awe.projections.views.entry import Entry

Decode = Callable[[StoredEntry], Entry]

Aimed = tuple[Entry, Sequence[Key], str]
"""An event, the rows that it may change, and why it cannot be applied: empty as far as is known."""

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
    """The events that a projector has asked for; those of a newer release are passed over.

    One that cannot be read is among them by the name of its type.
    """
    kinds, names = projector.events, names_of(projector)
    return [
        entry
        for entry in entries
        if isinstance(entry.event, kinds) or (entry.error and entry.type.rpartition("/")[0] in names)
    ]


def names_of(projector: Projector) -> frozenset[str]:
    """The names of the events that a projector has asked for, whatever their version."""
    return frozenset(event.event_name for event in projector.events)


def shared_out(
    projectors: Sequence[Projector], stored: Iterable[StoredEntry], decode: Decode
) -> Sequence[list[Entry]]:
    """What each of these projectors wants of a batch; an event is decoded once, and only if somebody wants it."""
    shares: Sequence[list[Entry]] = [[] for _ in projectors]
    names = [names_of(projector) for projector in projectors]
    wanting: dict[bytes, Sequence[list[Entry]]] = {}
    for each in stored:
        takers = wanting.get(each.type)
        if takers is None:
            name = each.type.decode().rpartition("/")[0]
            takers = [share for share, wants in zip(shares, names, strict=True) if name in wants]
            wanting[each.type] = takers
        if takers:
            entry = decode(each)
            if entry.event is not None or entry.error:
                for share in takers:
                    share.append(entry)
    return shares


def aimed(projector: Projector, entries: Iterable[Entry]) -> Sequence[Aimed]:
    """Each event with the rows that it may change, or with why these cannot be told: then it is parked."""
    found: list[Aimed] = []
    for entry in entries:
        keys: Sequence[Key] = ()
        error = entry.error
        if not error:
            try:
                keys = tuple(projector.keys(entry))
            except Exception as raised:  # noqa: BLE001 (whatever a projector raises is about this event)
                error = told(raised)
        found.append((entry, keys, error))
    return found


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
    return fold_aimed(projector, aimed(projector, entries), known, parked)


def fold_aimed(
    projector: Projector, events: Iterable[Aimed], known: Mapping[Key, Row], parked: Mapping[str, Parked]
) -> Folded:
    """The same for events whose rows were told already."""
    folded = Folded()
    rows, apply = folded.rows, projector.apply
    some_wait = bool(parked)
    for entry, keys, unfit in events:
        if some_wait:
            sequence = sequence_of(projector, entry)
            stopped = folded.parked.get(sequence) or parked.get(sequence)
            if stopped is not None:
                folded.parked[sequence] = Parked(stopped.n, stopped.events + 1, stopped.error)
                continue
        error = unfit
        changed: list[tuple[Key, Row]] = []
        if not error:
            try:
                for key in keys:
                    before = rows.get(key) or known.get(key)
                    row = dict(before) if before is not None else blank(projector, key)
                    apply(row, entry)
                    changed.append((key, row))
            except Exception as raised:  # noqa: BLE001 (likewise)
                error = told(raised)
        if error:  # none of its rows is changed
            some_wait = True
            folded.parked[sequence_of(projector, entry)] = Parked(entry.n, 1, error[:ERROR_LENGTH])
            folded.newly_parked += 1
        else:
            rows.update(changed)
    return folded


def told(error: Exception) -> str:
    """An error as it is kept with what is parked."""
    return f"{type(error).__name__}: {error}"[:ERROR_LENGTH]


def sequence_of(projector: Projector, entry: Entry) -> str:
    """Whose order the event belongs to; its run's, when the projector cannot tell.

    Of an event that cannot be read nobody knows more than its run. Where sequences are no runs it waits by itself.
    """
    if entry.error:
        return entry.run if type(projector).sequence is Projector.sequence else f"{entry.run}/{entry.n}"
    try:
        return projector.sequence(entry)
    except Exception:  # noqa: BLE001 (the event is parked under its run when it is applied, or applied all the same)
        return entry.run


def blank(projector: Projector, key: Key) -> Row:
    """A row that is not there yet."""
    row: Row = dict.fromkeys(projector.table.columns)
    row.update(zip(projector.table.key, key, strict=True))
    return row
