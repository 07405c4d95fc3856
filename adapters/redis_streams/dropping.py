"""When memory runs short, runs that nobody works on and that are archived lose their index: they are cold, not new.

The mark that makes a missing index mean *cold* is set in the step that drops it, and only what Postgres itself says it
holds counts as archived.
"""

from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.partition_look import look
from awe.adapters.redis_streams.steps import Script, Steps

DROP_FROM = 75
"""Share of the server's memory, in percent."""


def drop_cold_runs(keys: Keys, epoch: int, head: int) -> Steps[int]:
    """Drop indexes until memory is below the limit or none is left to drop; ``head`` is the archive's. Return how many."""
    dropped = 0
    cursor: bytes = b"0"
    while (yield from look(keys)).number("pressure") >= DROP_FROM:
        cursor, found = yield Script("scan", (keys.meta,), (cursor, keys.index("*")))
        runs = [name.decode().removeprefix(keys.index("")) for name in found]
        if runs:
            named = [key for run in runs for key in (keys.index(run), keys.counters(run))]
            dropped += yield Script("drop", (keys.meta, *named), (epoch, head))
        if cursor == b"0":
            break
    return dropped
