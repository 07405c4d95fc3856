"""After a server start and before a partition opens, the append-only file is written anew.

A server that finds a torn transaction at the end of its file starts without it but may leave it open in the file:
Redis 7.0 then swallows what is appended behind it at the next start. A rewrite that ended well since the start has
replaced the file, so one is enough for all partitions of a server, whoever asked for it.
"""

from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.partition_look import Look, look
from awe.adapters.redis_streams.steps import Pause, Rewrite, Steps
from awe.commands.log import LogUnavailable

_FIRST_PAUSE_S = 0.002
_LONGEST_PAUSE_S = 0.25
_UNDER_WAY = ("already in progress", "scheduled")


def settle(keys: Keys) -> Steps[Look]:
    """Return a look at the partition on a server whose append-only file is sound.

    Raises:
        LogUnavailable: the rewrite failed; it is asked for again next time.
    """
    found = yield from look(keys)
    if found.is_open:
        return found
    asked = False
    pause_s = _FIRST_PAUSE_S
    while found.has_aof and not found.rewritten:
        if not found.rewriting:
            if asked:
                raise LogUnavailable(
                    "Redis could not rewrite its append-only file: see its log (no room on the disk?) and free some."
                )
            refusal: str = yield Rewrite(keys.meta)
            if refusal and not any(word in refusal for word in _UNDER_WAY):
                raise LogUnavailable(f"Redis refuses BGREWRITEAOF: {refusal}; allow it for AWE's user.")
            asked = True
        yield Pause(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        found = yield from look(keys)
    return found
