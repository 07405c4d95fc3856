"""The index of a run is a fold of its entries: what the append script writes, written again from the log.

One hash field per aggregate, ``version;append@first+count;...``: versions, positions and append ids in one place, so
that an expectation, the answer to a repeated append and the reading of an aggregate each cost one field.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from awe.adapters.redis_streams.entries import effects_of, recorded
from awe.commands.log import Control
from awe.projections.stored import StoredEntry

CONTROL = "!"
CLAIMS = "~"


@dataclass(frozen=True, slots=True)
class Segment:
    """``count`` contiguous events of one aggregate, written by one append from position ``first`` on."""

    append_id: str
    first: int
    count: int


def segments(field: str) -> tuple[int, list[Segment]]:
    """Return an aggregate field's version and segments."""
    version, *rest = field.split(";")
    found: list[Segment] = []
    for part in rest:
        append_id, _, span = part.rpartition("@")
        first, _, count = span.partition("+")
        found.append(Segment(append_id, int(first), int(count)))
    return int(version), found


def control(field: str | None) -> Control:
    """Return the control state a field holds."""
    if field is None:
        return Control()
    version, append_id, state = field.split(";", 2)
    return Control(int(version), append_id, state)


def positions(fields: dict[str, str]) -> list[int]:
    """Return the position of every event of the run, in log order."""
    found: list[int] = []
    for aggregate, field in fields.items():
        if aggregate not in {CONTROL, CLAIMS}:
            found.extend(n for part in segments(field)[1] for n in range(part.first, part.first + part.count))
    return sorted(found)


def fold(entries: Iterable[StoredEntry]) -> dict[str, str]:
    """Return the index of one run from all its entries in log order (those of other runs must be left out)."""
    fields: dict[str, str] = {}
    last: dict[str, tuple[str, int, int]] = {}
    control_version = 0
    claims = 0
    for entry in entries:
        event = recorded(entry)
        known = last.get(event.aggregate)
        before = fields.get(event.aggregate, "0").partition(";")[2]
        if known is not None and known[0] == event.append_id and known[1] + known[2] == event.n:
            segment = (event.append_id, known[1], known[2] + 1)
            before = before.rpartition(";")[0]
        else:
            segment = (event.append_id, event.n, 1)
        last[event.aggregate] = segment
        written = f"{segment[0]}@{segment[1]}+{segment[2]}"
        fields[event.aggregate] = ";".join(part for part in (str(event.version), before, written) if part)
        done = effects_of(entry)
        claims += done.claims
        if done.control is not None:
            control_version += 1
            fields[CONTROL] = f"{control_version};{event.append_id};{done.control}"
        if done.claims:
            fields[CLAIMS] = str(claims)
    return fields
