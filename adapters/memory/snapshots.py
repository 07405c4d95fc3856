"""Snapshots in memory, kept beside the archive of their partition.

In place of a chain's value stands the entry at the position: no entry of another history equals it, since an append
has an id of its own and an entry its epoch.
"""

from collections.abc import Sequence

from awe.adapters.memory.partition import SavedSnapshot
from awe.adapters.memory.server import MemoryServer
from awe.commands.log import Position
from awe.commands.snapshots import Snapshot


class MemorySnapshots:
    """Implements `awe.commands.snapshots.Snapshots`."""

    def __init__(self, server: MemoryServer, partition: str, manager: str = "scheduler") -> None:
        self._server = server
        self._partition = partition
        self._manager = manager

    async def latest(self, form: str) -> Snapshot | None:
        """Return the last snapshot if the archive stands by it; see the port."""
        partition = self._server.partition(self._partition)
        saved = partition.snapshots.get(self._manager)
        if saved is None or saved.form != form or saved.last not in partition.cold[saved.n - 1 : saved.n]:
            return None
        return Snapshot(Position(saved.n, saved.epoch), saved.runs)

    async def save(self, form: str, upto: Position, runs: Sequence[str]) -> Position | None:
        """Save a snapshot at the archive's head; see the port."""
        partition = self._server.partition(self._partition)
        if not 0 < partition.archived <= upto.n or partition.epoch != upto.epoch:
            return None
        saved = SavedSnapshot(form, partition.archived, partition.epoch, partition.cold[-1], tuple(runs))
        partition.snapshots[self._manager] = saved
        return Position(saved.n, saved.epoch)
