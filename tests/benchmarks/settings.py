"""How much work a run of the benchmarks does, and against which server."""

from dataclasses import dataclass
from typing import Literal

Server = Literal["valkey", "redis"]

QUICK = 0.15
EVENTS = 200_000


@dataclass(frozen=True, slots=True)
class Settings:
    """`share` scales every size; `server` is the embedded Valkey, or the `redis-server` on PATH.

    `events` is the length of the log that read models are built from.

    Without a real disk under the servers (`on_disk`) figures mean nothing.
    """

    share: float = 1.0
    repeats: int = 5
    server: Server = "valkey"
    on_disk: bool = True
    events: int = EVENTS

    def sized(self, full: int, least: int = 10) -> int:
        """The size to use where a full run takes `full`."""
        return max(least, round(full * self.share))
