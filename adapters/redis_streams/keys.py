"""Every key of a partition carries the partition's hash tag, so that one script may touch them all, also in a cluster."""

import re
from dataclasses import dataclass

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")

LAYOUT = 1
"""Number of the key layout and script contract written here; raised when either changes."""

LAYOUTS_READ = (LAYOUT, LAYOUT + 1)

GROUP = "workers"
"""Consumer group of every work queue."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of the keys of one partition, for example ``awe.07``."""

    partition: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.partition):
            msg = f"Partition name {self.partition!r} must match {_NAME.pattern}."
            raise ValueError(msg)

    @property
    def meta(self) -> str:
        """Hash: layout, state, epoch, server identity, last position and time, archive marks, pressure."""
        return f"{{{self.partition}}}:m"

    @property
    def log(self) -> str:
        """Stream of the events, ids ``n-0``."""
        return f"{{{self.partition}}}:log"

    @property
    def positions(self) -> str:
        """Hash: reactor to ``n;epoch``."""
        return f"{{{self.partition}}}:p"

    @property
    def epochs(self) -> str:
        """Hash: epoch to the first position it could write."""
        return f"{{{self.partition}}}:e"

    @property
    def leases(self) -> str:
        """Hash: a claimed task's attempt to when its lease ends."""
        return f"{{{self.partition}}}:h"

    def lease(self, role: str) -> str:
        """String: who has a role in the partition; it ends by itself."""
        return f"{{{self.partition}}}:l:{role}"

    def index(self, run: str) -> str:
        """Hash: aggregates, control state and open claims of one run."""
        return f"{{{self.partition}}}:x:{run}"

    def counters(self, run: str) -> str:
        """Hash: bounded counters of one run."""
        return f"{{{self.partition}}}:b:{run}"

    def queue(self, name: str) -> str:
        """Stream: messages of one work queue."""
        return f"{{{self.partition}}}:q:{name}"
