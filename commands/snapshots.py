"""The port of snapshots: where a process manager may begin to read, instead of at the first event (I16).

A snapshot names the runs that were unfinished at an archived position; their state is never stored, it is a fold of
their histories. So no release can misread another's state, and a snapshot is as large as what is at work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from awe.commands.log import Position


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`runs` has every run that was unfinished at `position`; one that ended since may be among them."""

    position: Position
    runs: Sequence[str]


class Snapshots(Protocol):
    """The snapshots of one process manager in one partition; only the last one counts."""

    async def latest(self, form: str) -> Snapshot | None:
        """Return the last snapshot, or None when there is none that today's log stands by.

        Discarded are one of another ``form`` (the fold's code version), one above the archive, and one whose chain
        value the archive's chain does not continue.

        Raises:
            LogUnavailable: the archive cannot be asked; ask again, or begin at the first event.
        """
        ...

    async def save(self, form: str, upto: Position, runs: Sequence[str]) -> Position | None:
        """Save a snapshot at the archive's head, if that is at or below ``upto``; return where it stands.

        ``runs`` must hold every run that was unfinished at any position from the last snapshot's on. None: nothing
        was saved, since the archive is ahead, in another epoch than ``upto`` (who stands in an earlier one may have
        folded what was lost), or has nothing.

        Raises:
            LogUnavailable: the archive cannot be asked; whether it was saved is unknown, and does not matter.
        """
        ...
