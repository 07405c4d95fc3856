"""Events as they are sent; what is too large for an event goes to a blob first (I8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import to_json

from awe.commands.blobs import Blobs
from awe.domain.events import Context, Event, Json, encode


@dataclass(frozen=True, slots=True)
class Body:
    """An encoded event and its type."""

    type: str
    data: bytes


def bodies(events: Sequence[Event], context: Context) -> tuple[Body, ...]:
    return tuple(Body(event.event_type, encode(event, context)) for event in events)


async def put_json(blobs: Blobs, value: Json) -> str:
    """Store a JSON value and return its digest."""
    return await blobs.put(to_json(value))
