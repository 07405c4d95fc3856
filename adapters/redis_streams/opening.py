"""The last step of every healing: the partition opens under its new epoch, if it is still what was healed."""

from collections.abc import Mapping
from dataclasses import dataclass

from awe.adapters.redis_streams.entries import recorded
from awe.adapters.redis_streams.keys import LAYOUT, Keys
from awe.adapters.redis_streams.partition_look import Look
from awe.adapters.redis_streams.rebuilding import Overtaken
from awe.adapters.redis_streams.steps import Script, Steps
from awe.commands.log import LogCorrupt
from awe.projections.stored import StoredEntry


@dataclass(frozen=True, slots=True)
class Opened:
    """The partition takes appends: its epoch and its last position."""

    epoch: int
    n: int


def opened(found: Look) -> Opened:
    """Return what an open partition says of itself."""
    return Opened(found.number("epoch"), found.number("n"))


def open_partition(
    keys: Keys,
    token: int,
    frozen: Look,
    last: StoredEntry | None,
    archived: int,
    partitions: int,
    starts: Mapping[int, int],
) -> Steps[Opened]:
    """Open the partition whose log ends with ``last``; ``starts`` are the epochs that could write.

    Raises:
        Overtaken: a later healing has begun, the server restarted, or the log is another.
    """
    n = 0 if last is None else last.n
    reply = yield Script(
        "open",
        (keys.meta, keys.log, keys.epochs),
        (
            token,
            frozen.server.run_id,
            frozen.server.replication_id,
            n,
            0 if last is None else recorded(last).time_ms,
            archived,
            frozen.number("layout") or LAYOUT,
            partitions,
            *(part for start in starts.items() for part in start),
        ),
    )
    if reply != b"open":
        raise Overtaken
    return Opened(token, n)


def halt(keys: Keys, token: int, why: object) -> Steps[LogCorrupt]:
    """Stop the partition with a report and return it as the error to raise.

    Raises:
        Overtaken: a later healing has begun, so what differs may be its work.
    """
    report = (
        f"Partition {keys.partition} is stopped: {why}. Restore the tier that lost or changed them from its backup, "
        "then let the healer open the partition again."
    )
    if not (yield Script("stop", (keys.meta,), ("token", token, "halted", report))):
        raise Overtaken
    return LogCorrupt(report)


def check_partitions(keys: Keys, found: Look, partitions: int) -> None:
    """Refuse a partition of an installation with another number of partitions: runs would be looked for elsewhere.

    Raises:
        LogCorrupt: it is one.
    """
    known = found.number("partitions")
    if known not in {0, partitions}:
        raise LogCorrupt(
            f"Partition {keys.partition} belongs to an installation with {known} partitions, not {partitions}: "
            f"set AWE_PARTITIONS={known}."
        )
