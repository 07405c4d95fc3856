"""An event as it was recorded, whoever wrote it."""

from typing import Any, cast

import strawberry
from pydantic_core import from_json

from awe.api.graphql import positions
from awe.api.graphql.members import field
from awe.api.graphql.scalars import JSON, PositionToken, Timestamp
from awe.commands.log import Position, RecordedEvent


@strawberry.type(description="An immutable fact.")
class Event:
    position: PositionToken
    id: strawberry.ID
    time: Timestamp
    run: strawberry.ID
    aggregate: str = strawberry.field(description="`run`, or `t:` and the key of a task.")
    version: int = strawberry.field(description="Its number among the events of the aggregate, from 1.")
    type: str = strawberry.field(description="Its stable name, and the version of its fields behind a slash.")
    recorded: strawberry.Private[RecordedEvent]
    body: strawberry.Private[list[Any]]

    @field("Who caused it.")
    def actor(self) -> str | None:
        return cast("str | None", self._read().get("actor"))

    @field("The id of the event that it reacts to.")
    def cause(self) -> str | None:
        return cast("str | None", self._read().get("cause"))

    @field("What it says.")
    def data(self) -> JSON:
        return cast("JSON", self._read().get("data"))

    def _read(self) -> dict[str, Any]:
        """The body, read once for all who are told of the event."""
        if not self.body:
            self.body.append(from_json(self.recorded.body))
        return cast("dict[str, Any]", self.body[0])


@strawberry.type(description="Events of a run, and where to go on.")
class EventPage:
    events: list[Event]
    position: PositionToken = strawberry.field(description="Hand it over as `after` for what comes behind.")
    has_more: bool


def event(recorded: RecordedEvent, partition: int, epoch: int) -> Event:
    """The event of a partition, numbered in an epoch."""
    return Event(
        position=positions.token(partition, Position(recorded.n, epoch)),
        id=strawberry.ID(recorded.id),
        time=Timestamp(recorded.time_ms),
        run=strawberry.ID(recorded.run),
        aggregate=recorded.aggregate,
        version=recorded.version,
        type=recorded.type,
        recorded=recorded,
        body=[],
    )
