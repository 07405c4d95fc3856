"""Opens a partition that has no archive: the log in Redis is all there is, and is never trimmed.

The steps are those of a healing with an archive, less Postgres: the token in Redis alone decides between two healers,
and a log that lost its tail goes on from there under a new epoch.
"""

from awe.adapters.redis_streams import rebuilding
from awe.adapters.redis_streams.comparing import read_log
from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.entries import raw
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.obligations import duties, run_state
from awe.adapters.redis_streams.opening import Opened, check_partitions, halt, open_partition, opened
from awe.adapters.redis_streams.partition_look import Look, look
from awe.adapters.redis_streams.rebuilding import Overtaken
from awe.adapters.redis_streams.settling import settle
from awe.adapters.redis_streams.steps import Page, Pause, Steps, SyncClient, drive, drive_async
from awe.projections.errors import Diverged
from awe.projections.stored import StoredEntry

_LOOK_AGAIN_S = 0.05


def open_single_tier(client: SyncClient, partition: str, partitions: int = 1) -> Opened:
    """Return at once when the partition is open under its present server, else heal it.

    Raises:
        LogUnavailable: the server cannot be asked.
        LogCorrupt: the log misses an event; the partition is halted with a report.
    """
    return drive(client, _open(Keys(partition), partitions))


async def open_single_tier_async(client: AsyncClient, partition: str, partitions: int = 1) -> Opened:
    """Do as `open_single_tier`, with an asyncio client."""
    return await drive_async(client, _open(Keys(partition), partitions))


def _open(keys: Keys, partitions: int) -> Steps[Opened]:
    patience = 20
    while True:
        try:
            return (yield from _attempt(keys, partitions))
        except Overtaken:
            # The winner must not be overtaken in turn: it gets ever more time to finish.
            for _ in range(patience):
                if (yield from look(keys)).is_open:
                    break
                yield Pause(_LOOK_AGAIN_S)
            patience *= 2


def _attempt(keys: Keys, partitions: int) -> Steps[Opened]:
    settled = yield from settle(keys)
    if settled.is_open:
        return opened(settled)
    check_partitions(keys, settled, partitions)
    # Redis alone cannot know the epochs of a partition that it lost altogether: its clock is beyond them.
    token = settled.highest_epoch + 1 if settled.meta else settled.time_ms
    yield from rebuilding.close(keys, token)
    frozen = yield from look(keys)
    if frozen.server != settled.server:
        raise Overtaken
    try:
        last = yield from _restored(keys, token, frozen)
    except Diverged as why:
        raise (yield from halt(keys, token, why)) from why
    start = {token: (last.n if last else 0) + 1}
    return (yield from open_partition(keys, token, frozen, last, 0, partitions, start))


def _restored(keys: Keys, token: int, frozen: Look) -> Steps[StoredEntry | None]:
    if frozen.consistent:
        page = yield Page(keys.log, f"{frozen.last}-0", 1)
        return raw(page[0]) if page else None
    entries = (yield from read_log(keys, frozen, 0)).tail
    if "n" in frozen.meta:  # what is behind it is part of a unit that failed half way
        entries = [entry for entry in entries if entry.n <= frozen.number("n")]
    yield from rebuilding.mark(keys, token, 0)
    queues = yield from rebuilding.wipe(keys, token)
    if len(entries) < frozen.last:
        yield from rebuilding.cut_log(keys, token, len(entries), frozen.last)
    runs: dict[str, list[StoredEntry]] = {}
    for entry in entries:
        runs.setdefault(entry.run, []).append(entry)
    states = [run_state(run, of_run) for run, of_run in runs.items()]
    for state in states:
        yield from rebuilding.restore_runs(keys, token, [state])
    yield from rebuilding.restore_positions(keys, token, duties(entries).positions)
    messages = (message for state in states for message in state.messages)
    yield from rebuilding.reconcile_queues(keys, token, queues, messages)
    return entries[-1] if entries else None
