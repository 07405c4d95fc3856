# ruff: noqa: ARG002 (the base only names what its methods take)
"""What a store under test hands to the suite: clients of one fresh partition, and means to disturb it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from awe.commands.log import EventLog


class Ability(StrEnum):
    """What a harness may be able to do; the value completes "the harness cannot ..."."""

    LOSE_REPLY = "lose the reply of an append"
    LOSE_REQUEST = "lose the request of an append"
    DUPLICATE = "deliver an append twice"
    CLOSE = "close the partition"
    HALT = "halt the partition"
    RESTART = "restart the server"
    LOSE_TAIL = "lose the tail of the log"
    REBUILD = "lose everything but the log"
    QUEUES = "look into work queues"
    ARCHIVE = "archive"
    TRIM = "trim the hot tier"
    DROP_INDEX = "drop the index of a run"
    PRESSURE = "set the memory pressure"
    CLOCK = "set the server's clock back"
    MEMORY = "measure memory"


class Unable(Exception):  # noqa: N818 (named for the fact)
    """The harness was asked for something that it does not declare."""

    def __init__(self, ability: Ability) -> None:
        super().__init__(f"The harness cannot {ability}: declare it in `abilities` and override its method.")


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message of a work queue; ``body`` is the event's, in any equal JSON."""

    id: str
    n: int
    run: str
    aggregate: str
    version: int
    append_id: str
    type: str
    body: bytes


class Harness(ABC):
    """One fresh, open, empty partition of the store under test.

    A method that makes the server fail returns when the partition is healed and open again under a new epoch.
    ``log`` is the client that ``lose_next_reply`` and its like disturb.
    """

    abilities: ClassVar[frozenset[Ability]] = frozenset()

    @abstractmethod
    async def log(self) -> EventLog:
        """Return the client of the partition, the same each time."""

    @abstractmethod
    async def second_log(self) -> EventLog:
        """Return another process' client of the same partition, the same each time."""

    @abstractmethod
    async def other_partition(self) -> EventLog:
        """Return a client of another fresh partition of the same server."""

    async def lose_next_reply(self) -> None:
        """Let the next append call of ``log`` be applied and its reply be lost, so that the client repeats it."""
        raise Unable(Ability.LOSE_REPLY)

    async def lose_next_request(self) -> None:
        """Let the next append call of ``log`` be lost before the server sees it."""
        raise Unable(Ability.LOSE_REQUEST)

    async def duplicate_next_request(self) -> None:
        """Let the next append call of ``log`` reach the server twice."""
        raise Unable(Ability.DUPLICATE)

    async def close(self) -> None:
        """Close the partition as a failed server does until the healer comes."""
        raise Unable(Ability.CLOSE)

    async def heal(self) -> None:
        """Open a closed partition under a new epoch."""
        raise Unable(Ability.CLOSE)

    async def halt(self) -> None:
        """Stop the partition as two tiers that disagree do."""
        raise Unable(Ability.HALT)

    async def restart(self) -> None:
        """Restart the server without a loss, and heal."""
        raise Unable(Ability.RESTART)

    async def lose_tail(self, count: int) -> None:
        """Restart the server without the last ``count`` events of the hot tier (or a few more), and heal.

        The store may lose more only to keep a unit whole.
        """
        raise Unable(Ability.LOSE_TAIL)

    async def rebuild(self) -> None:
        """Restart the server with the log's entries alone: no index, counter, position or message; and heal."""
        raise Unable(Ability.REBUILD)

    async def derived(self) -> object:
        """Return all that the store keeps besides entries, to be compared: no message ids, no server identity."""
        raise Unable(Ability.REBUILD)

    async def messages(self, queue: str) -> Sequence[QueuedMessage]:
        """Return a work queue's unacknowledged messages, oldest first."""
        raise Unable(Ability.QUEUES)

    async def archive_to(self, n: int) -> None:
        """Archive up to about position ``n`` (units whole)."""
        raise Unable(Ability.ARCHIVE)

    async def trim_to(self, n: int) -> None:
        """Ask the hot tier to forget up to position ``n``, as far as it may."""
        raise Unable(Ability.TRIM)

    async def drop_index(self, run: str) -> bool:
        """Ask the hot tier to forget the index of a run; return whether it did."""
        raise Unable(Ability.DROP_INDEX)

    async def set_pressure(self, percent: int) -> None:
        """Have the partition take that share of the server's memory for used."""
        raise Unable(Ability.PRESSURE)

    async def set_clock_back(self, ms: int) -> None:
        """Let the server's clock show that much less from now on."""
        raise Unable(Ability.CLOCK)

    async def memory_used(self) -> int:
        """Return the bytes the server uses for data."""
        raise Unable(Ability.MEMORY)
