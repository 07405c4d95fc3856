"""What the resolvers of a request or web socket share."""

from dataclasses import dataclass, field
from typing import Any

from graphql import OperationDefinitionNode

from awe.api.graphql.followers import Followers
from awe.api.graphql.loaders import Loaders
from awe.api.graphql.run_changes import RunChanges
from awe.api.graphql.services import Caller, Services


@dataclass(slots=True)
class Context:
    """Nothing in it outlives an operation but what is read anew each time."""

    services: Services
    caller: Caller
    followers: Followers
    changes: RunChanges
    loaders: Loaders
    streams: bool = False
    """Whether the client takes more than one answer."""
    _notes: dict[int, list[dict[str, Any]]] = field(default_factory=dict[int, list[dict[str, Any]]])

    def note(self, operation: OperationDefinitionNode, note: dict[str, Any]) -> None:
        """Keep what a client must be told beside the answer, selected or not."""
        self._notes.setdefault(id(operation), []).append(note)

    def noted(self, operation: OperationDefinitionNode) -> list[dict[str, Any]]:
        """What was noted of an operation, once."""
        return self._notes.pop(id(operation), [])
