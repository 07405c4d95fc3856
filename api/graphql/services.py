"""What the GraphQL door stands on; the composition root builds it and says who calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from starlette.requests import HTTPConnection

from awe.api.bootstrap.kit import Kit
from awe.api.graphql.limits import Limits
from awe.commands.blobs import Blobs
from awe.commands.log import EventLog
from awe.commands.runs import RunCommands
from awe.projections.ports import Connections


class Caller(NamedTuple):
    """Who asks, as authentication in front of this door found out; recorded with what a mutation does."""

    actor: str
    tenant: str = "default"


@dataclass(frozen=True, slots=True)
class Services:
    """Parts that live at least as long as the application.

    Attributes:
        logs: the partitions of the log by number.
        runs: the commands on runs.
        reads: connections for queries; one that lends several at a time answers several requests at a time.
        blobs: where plans and outputs lie that are too large for an event.
        kit: what goals are prepared and examined with.
        caller: who is behind a request or a web socket.
        origins: web pages' origins that may open a web socket beside the server's own.
    """

    logs: Mapping[int, EventLog]
    runs: RunCommands
    reads: Connections
    blobs: Blobs
    kit: Kit
    caller: Callable[[HTTPConnection], Caller]
    limits: Limits = field(default_factory=Limits)
    introspection: bool = False
    origins: tuple[str, ...] = ()
