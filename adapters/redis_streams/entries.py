"""An entry of the log stream and what it says: ``t`` type, ``m`` meta, ``b`` body, under the id ``n-0``.

Meta is tab-separated: run, aggregate, version, append id, index in the unit, time in ms and, where there are any,
effects. The same fields in every entry let Redis store their names once per block.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from awe.adapters.redis_streams import effects
from awe.commands.log import LogCorrupt, RecordedEvent
from awe.projections.stored import StoredEntry

_PLAIN = 6
_WITH_EFFECTS = 7
_LENGTHS = (_PLAIN, _WITH_EFFECTS)


def raw(entry: tuple[bytes, Sequence[bytes]]) -> StoredEntry:
    """Return an entry as an unparsed stream reply holds it: ``(id, [b"t", type, b"m", meta, b"b", body])``."""
    entry_id, fields = entry
    return StoredEntry(int(entry_id[:-2]), fields[1], fields[3], fields[5])


def recorded(entry: StoredEntry) -> RecordedEvent:
    """Return the event of an entry.

    Raises:
        LogCorrupt: the entry is not one that this layout writes.
    """
    n, kind, meta, body = entry
    parts = meta.decode().split("\t", _PLAIN)
    if len(parts) not in _LENGTHS:
        raise LogCorrupt(f"Entry {n} of the log is not readable: its meta has {len(parts)} parts.")
    return RecordedEvent(
        n, parts[0], parts[1], int(parts[2]), kind.decode(), parts[3], int(parts[4]), int(parts[5]), body
    )


def place_of(entry: StoredEntry) -> tuple[str, str, int, int]:
    """Return run, aggregate, its version and the time of an entry, for who wants nothing else of its meta.

    Raises:
        LogCorrupt: as `recorded`.
    """
    parts = entry.meta.split(b"\t", _PLAIN)
    if len(parts) not in _LENGTHS:
        raise LogCorrupt(f"Entry {entry.n} of the log is not readable: its meta has {len(parts)} parts.")
    return parts[0].decode(), parts[1].decode(), int(parts[2]), int(parts[5])


def append_id_of(entry: StoredEntry) -> str:
    """Return the id of the append that wrote an entry."""
    return entry.meta.split(b"\t", 4)[3].decode()


def begins_unit(entry: StoredEntry) -> bool:
    """Whether an entry is the first of its unit."""
    return entry.meta.split(b"\t", 5)[4] == b"0"


def effects_of(entry: StoredEntry) -> effects.Effects:
    """Return the effects recorded on an entry."""
    parts = entry.meta.split(b"\t", _PLAIN)
    return effects.read(parts[_PLAIN].decode()) if len(parts) == _WITH_EFFECTS else effects.NONE


def effects_told(meta: bytes) -> tuple[str, str, Mapping[str, Any]]:
    """Return run, append id and effects, as `effects.written` wrote them, of an entry that has effects.

    For who reads every entry there is and looks at few of the effects: `effects_of` costs four times as much.
    """
    run, _, _, append_id, _, _, text = meta.split(b"\t", _PLAIN)
    return run.decode(), append_id.decode(), from_json(text)
