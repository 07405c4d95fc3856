"""Events as they are sent; what is too large for an event goes to a blob first (I8)."""

from collections.abc import Sequence

from pydantic_core import to_json

from awe.commands.blobs import Blobs
from awe.commands.log import NewEvent
from awe.domain.events import Context, Event, Json, encode


def written(
    aggregate: str, events: Sequence[Event], context: Context, queue: str = ""
) -> tuple[NewEvent, ...]:
    """The events of an aggregate as an append takes them, each also as a message of the queue, where one is named."""
    return tuple([NewEvent(aggregate, event.event_type, encode(event, context), queue) for event in events])


async def put_json(blobs: Blobs, value: Json) -> str:
    """Store a JSON value and return its digest."""
    return await blobs.put(to_json(value))
