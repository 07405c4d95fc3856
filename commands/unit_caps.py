"""What a unit may hold, checked before anything is sent, so that a refusal leaves no doubt about what was done."""

import re

from awe.commands.log import BYTES_PER_CALL, BYTES_PER_EVENT, EVENTS_PER_CALL, Unit, UnitTooLarge

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NAME = re.compile(r"[^\x00-\x1f;@]+")
_JSON_SAFE = re.compile(r'[^"\\\x00-\x1f]+')
_OVERHEAD = 200
"""Bytes of a stored event besides its body, at most about."""


def check(unit: Unit) -> int:
    """Refuse a unit that could never be appended; return the bytes it counts for the cap of a call.

    Raises:
        UnitTooLarge: too many events, or too many bytes in one or all of them.
        ValueError: a name or id that the log cannot hold, or effects without an event to record them on.
    """
    if not _ID.fullmatch(unit.id):
        raise ValueError(f"Append id {unit.id!r} must match {_ID.pattern}.")
    if len(unit.events) > EVENTS_PER_CALL:
        raise UnitTooLarge(
            f"A unit of {len(unit.events)} events exceeds the cap of {EVENTS_PER_CALL}: append it in parts."
        )
    if not unit.events and (unit.control is not None or unit.claims or unit.counters):
        raise ValueError("Control state, claims and counters are recorded on an event: the unit has none.")
    if not _NAME.fullmatch(unit.run):
        raise ValueError(f"Run {unit.run!r} has characters that the log cannot hold.")
    size = 0
    fine: str | None = None
    for event in unit.events:
        size += len(event.body) + _OVERHEAD
        if len(event.body) > BYTES_PER_EVENT:
            raise UnitTooLarge(
                f"An event of {len(event.body)} bytes exceeds the cap of {BYTES_PER_EVENT}: store its payload as a blob."
            )
        if event.aggregate != fine:
            if not _NAME.fullmatch(event.aggregate) or event.aggregate[0] in "!~":
                raise ValueError(f"Aggregate {event.aggregate!r} has characters that the log cannot hold.")
            fine = event.aggregate
        if event.dispatch and not _JSON_SAFE.fullmatch(event.type):
            raise ValueError(f"Event type {event.type!r} cannot be sent as a message.")
    if size > BYTES_PER_CALL:
        raise UnitTooLarge(
            f"A unit of {size} bytes exceeds the cap of {BYTES_PER_CALL}: store large payloads as blobs."
        )
    return size
