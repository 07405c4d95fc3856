"""Holds one partition's log to what clients were told, and its tiers to each other. Returns problems in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from awe.adapters.redis_streams.entries import recorded
from awe.commands.lineage import common
from awe.commands.log import RecordedEvent
from awe.projections.stored import StoredEntry
from chaos.ledger import Answer


def problems(
    entries: Sequence[StoredEntry], epochs: Mapping[int, int], answers: Iterable[Answer], *, lossless: bool
) -> Iterator[str]:
    """Check a whole log (I1, I2, I8, I10, I16).

    Args:
        entries: all of it, in order, from the archive.
        epochs: each epoch's first position.
        answers: everything clients were told, in any order.
        lossless: nothing that was acknowledged may be missing.
    """
    events = [recorded(entry) for entry in entries]
    yield from shape(events)
    yield from _truth(events, epochs, answers, lossless=lossless)


def shape(events: Sequence[RecordedEvent]) -> Iterator[str]:
    """Check positions, ids, versions and times of a whole log."""
    if [event.n for event in events] != list(range(1, len(events) + 1)):
        yield "positions are not contiguous from 1"
    if len({event.id for event in events}) != len(events):
        yield "an event stands twice in the log"
    versions: dict[tuple[str, str], int] = {}
    time_ms = 0
    for event in events:
        place = (event.run, event.aggregate)
        if event.version != versions.get(place, 0) + 1:
            yield f"event {event.n} has version {event.version} after {versions.get(place, 0)}"
        versions[place] = event.version
        if event.time_ms < time_ms:
            yield f"time goes back at event {event.n}"
        time_ms = event.time_ms


def _truth(
    events: Sequence[RecordedEvent], epochs: Mapping[int, int], answers: Iterable[Answer], *, lossless: bool
) -> Iterator[str]:
    units: dict[str, list[RecordedEvent]] = {}
    for event in events:
        units.setdefault(event.append_id, []).append(event)
    asked: set[str] = set()
    for told in answers:
        asked.add(told.unit)
        written = units.get(told.unit, [])
        if not told.appended:
            if written:
                yield f"{told.unit} was refused and stands in the log"
            if told.writer in units:
                by_writer = [
                    event.version for event in units[told.writer] if event.aggregate == told.aggregate
                ]
                if told.version not in by_writer:
                    yield f"{told.unit} was refused by a version {told.version} that {told.writer} never wrote"
        elif common(epochs, told.position) >= told.position.n:
            expected = [(told.first + place, place, told.expected + 1 + place) for place in range(told.count)]
            if [(event.n, event.place, event.version) for event in written] != expected:
                yield f"{told.unit} was acknowledged at {told.first} and does not stand there"
        elif lossless:
            yield f"{told.unit} was acknowledged at {told.position} and lost"
        elif written:
            yield f"{told.unit} was lost with its epoch and stands in the log"
    if strangers := units.keys() - asked:
        yield f"{len(strangers)} units that nobody was told of stand in the log: {sorted(strangers)[:3]}"
