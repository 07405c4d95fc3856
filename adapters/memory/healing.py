"""What a partition goes through when its server fails, and how it comes back under a new epoch."""

from awe.adapters.memory.derived import Derived
from awe.adapters.memory.folding import fold
from awe.adapters.memory.partition import Partition, State
from awe.adapters.memory.tiers import drop_index


def lose_tail(partition: Partition, count: int) -> None:
    """The server comes back without its last entries, and waits for the healer.

    A unit was one write to the server's file: it is lost whole.
    """
    partition.state = State.CLOSED
    if count and partition.hot:
        cut = max(len(partition.hot) - count, 0)
        del partition.hot[max(cut - partition.hot[cut].event.place, 0) :]
        _rebuild(partition)


def lose_derived(partition: Partition) -> None:
    """The server comes back with its log alone, and waits for the healer."""
    partition.state = State.CLOSED
    partition.roles.clear()
    partition.leases.clear()
    partition.derived = Derived()
    _rebuild(partition)


def heal(partition: Partition) -> None:
    """Open a partition under a new epoch, whether or not anything was lost.

    Archived entries are never lost and their numbers never given out again; others are, under the new epoch.
    """
    partition.epoch += 1
    partition.epochs[partition.epoch] = partition.n + 1
    partition.state = State.OPEN


def _rebuild(partition: Partition) -> None:
    """Restore the last archived entry if the hot tier fell behind it, and derive everything else from the entries.

    Indexes that had been dropped stay so, except those that the log still needs.
    """
    if partition.n < partition.archived:
        partition.hot = partition.cold[-1:]
    kept = partition.derived.runs.keys()
    partition.derived = fold(partition.entries())
    for run in partition.derived.runs.keys() - kept:
        drop_index(partition, run)
