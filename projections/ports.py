"""What the archiver needs from the outside: connections to Postgres, and one partition of the hot tier."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from psycopg import AsyncConnection

from awe.projections.stored import StoredEntry


class Connections(Protocol):
    """Gives out connections in autocommit mode, each to one user at a time."""

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """Return a connection for a while.

        Raises:
            ArchiveUnavailable: on entry or, instead of the driver's error, from within.
            ArchiveError: Postgres refused a statement.
        """
        ...


@dataclass(frozen=True, slots=True)
class Duties:
    """What a batch of entries adds to and takes from what the log owes."""

    claims: Mapping[str, int] = field(default_factory=dict[str, int])
    """Run to the change of its number of open claims."""
    dispatched: Mapping[tuple[int, str], str] = field(default_factory=dict[tuple[int, str], str])
    """Position and append id of an event sent to a work queue to its run; without those acknowledged afterwards."""
    acked: Collection[tuple[int, str]] = ()
    """Position and append id of each event, sent by an earlier batch, whose message was acknowledged."""
    positions: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Reactor to its last position and that position's epoch."""


@dataclass(frozen=True, slots=True)
class HotBatch:
    """One atomic look at the hot tier: entries from a position on, and what the partition said of itself."""

    epoch: int
    is_open: bool
    n: int
    archived: int
    entries: Sequence[StoredEntry]


class HotUnavailable(Exception):  # noqa: N818 - named for the fact, like the outcomes of the log
    """The hot tier cannot be asked now."""


class HotTier(Protocol):
    """One partition of the hot tier. Every method raises `HotUnavailable` when its server is away.

    What writes names the epoch that it believes in and does nothing in another one.
    """

    @property
    def partition(self) -> str:
        """The partition's name."""
        ...

    async def read(self, after: int, limit: int, most_bytes: int | None = None) -> HotBatch:
        """Return entries after a position that the hot tier still holds: as many whole units as there is room for.

        Room is for ``limit`` entries, and for ``most_bytes`` of them if that is given. The first unit is returned
        whole even if it alone is more.
        """
        ...

    async def wait(self, after: int) -> None:
        """Return when there may be an entry after a position, or after a while."""
        ...

    def duties(self, entries: Sequence[StoredEntry]) -> Duties:
        """Return what entries in log order add to and take from what the log owes."""
        ...

    async def mark_archived(self, n: int, epoch: int) -> None:
        """Tell that all up to ``n`` is in the archive; the mark never goes back."""
        ...

    async def trim(self, n: int, epoch: int) -> None:
        """Drop entries before position ``n``, which the archive must hold; never the last entry."""
        ...

    async def close(self, epoch: int) -> None:
        """Close the partition for the healer, who raises its epoch."""
        ...

    async def halt(self, epoch: int, report: str) -> None:
        """Stop the partition until a person has looked; ``report`` says at what."""
        ...
