"""Recorded events, decoded for views and for people."""

from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json

from awe.adapters.redis_streams.entries import place_of
from awe.commands.log import RecordedEvent
from awe.domain.codec import MalformedEvent, UnknownEvent
from awe.domain.events import CONTEXT_KEYS
from awe.domain.vocabulary import decode
from awe.projections.stored import StoredEntry
from awe.projections.views.entry import Entry


def entry(event: RecordedEvent) -> Entry:
    """Decode an event; one that only a newer release knows keeps its type and nothing else (I9)."""
    try:
        decoded, context = decode(event.type, event.body)
    except UnknownEvent:
        return Entry(event.n, event.run, event.aggregate, event.time_ms, event.type, None)
    return Entry(event.n, event.run, event.aggregate, event.time_ms, event.type, decoded, context.actor)


def decoded(stored: StoredEntry) -> Entry:
    """Decode an entry of the archive, likewise; one whose body is not of its type says so in its `error`.

    Raises:
        LogCorrupt: not even its run can be read.
    """
    run, aggregate, version, time_ms = place_of(stored)
    kind = stored.type.decode()
    try:
        event, context = decode(kind, stored.body)
    except UnknownEvent:
        return Entry(stored.n, run, aggregate, time_ms, kind, None)
    except MalformedEvent as error:
        return Entry(stored.n, run, aggregate, time_ms, kind, None, error=f"{type(error).__name__}: {error}")
    return Entry(stored.n, run, aggregate, time_ms, kind, event, context.actor, version=version)


def event_document(event: RecordedEvent) -> dict[str, Any]:
    """The event as it was recorded, whoever wrote it."""
    body = from_json(event.body)
    return {
        "n": event.n,
        "id": event.id,
        "time": timestamp(event.time_ms),
        "run": event.run,
        "aggregate": event.aggregate,
        "version": event.version,
        "type": event.type,
        **{key: body[key] for key in CONTEXT_KEYS if key in body},
        "data": body["data"],
    }


def timestamp(ms: int) -> str:
    """A time of the log for programs: UTC, to the millisecond."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
