"""Values that GraphQL has no type for."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from awe.api.reading.entries import timestamp

_EPOCH: Final = datetime.fromtimestamp(0, UTC)

Timestamp = NewType("Timestamp", int)
PositionToken = NewType("PositionToken", str)
Long = NewType("Long", int)


def _milliseconds(value: Any) -> Timestamp:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise GraphQLError("A Timestamp is written like 2026-01-31T12:00:00.000Z, with its zone.")
    return Timestamp((moment - _EPOCH) // timedelta(milliseconds=1))


def _text(value: Any) -> PositionToken:
    if not isinstance(value, str):
        raise GraphQLError("A Position is a string that this API gave out.")
    return PositionToken(value)


SCALARS: Final[dict[object, ScalarDefinition]] = {
    Timestamp: strawberry.scalar(
        name="Timestamp",
        description="A time of the log: UTC, to the millisecond, as in RFC 3339.",
        serialize=timestamp,
        parse_value=_milliseconds,
    ),
    PositionToken: strawberry.scalar(
        name="Position",
        description="A place in the log of a partition, and the epoch that numbered it. Hand it back as it was given.",
        serialize=str,
        parse_value=_text,
    ),
    Long: strawberry.scalar(name="Long", description="A whole number of up to 64 bits.", serialize=int),
}

__all__ = ["JSON", "SCALARS", "Long", "PositionToken", "Timestamp"]
