"""Moving a partition's data between its tiers: the hot tier gives up only what the archive holds."""

from copy import deepcopy

from awe.adapters.memory.derived import RunIndex
from awe.adapters.memory.folding import index_entry
from awe.adapters.memory.partition import Partition


def archive(partition: Partition, up_to: int) -> None:
    """Copy entries to the archive, up to a position (or the head).

    Whole units only: a loss of the hot tier would tear one that stands in both.
    """
    first = partition.archived - partition.trimmed
    last = min(up_to, partition.n) - partition.trimmed
    while first < last < len(partition.hot) and partition.hot[last].event.place:
        last -= 1
    partition.cold.extend(partition.hot[first:last])


def trim(partition: Partition, up_to: int) -> None:
    """Forget hot entries up to a position, but none that is not archived and never the last one."""
    last = min(up_to, partition.archived, partition.n - 1)
    del partition.hot[: max(last - partition.trimmed, 0)]


def drop_index(partition: Partition, run: str) -> bool:
    """Forget the index of a run that has no open claim and is archived whole; say whether that was so."""
    index = partition.derived.runs.get(run)
    if index is None or index.claims or index.last > partition.archived:
        return False
    del partition.derived.runs[run]
    partition.dropped = max(partition.dropped, index.last)
    return True


def archived_index(partition: Partition, run: str) -> RunIndex | None:
    """Return the index of a run as the archive tells it; ``None`` when the archive has no event of it."""
    index = RunIndex()
    for entry in partition.cold:
        if entry.event.run == run:
            index_entry(index, entry)
    return index if index.last else None


def restore_index(partition: Partition, run: str, index: RunIndex, read_up_to: int) -> None:
    """Bring an index back, unless there is one or the archive was read before the last drop."""
    if run not in partition.derived.runs and partition.dropped <= read_up_to:
        partition.derived.runs[run] = deepcopy(index)  # what arrives again must not have grown meanwhile
