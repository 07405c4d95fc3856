"""What one look at a partition and its server tells a healer or watcher."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awe.adapters.redis_streams.keys import LAYOUT, LAYOUTS_READ, Keys
from awe.adapters.redis_streams.steps import Script, Steps
from awe.commands.log import LogCorrupt


@dataclass(frozen=True, slots=True)
class Identity:
    """The server process, and the history it replicates; either changes when what it holds may have gone back."""

    run_id: str
    replication_id: str


@dataclass(frozen=True, slots=True)
class Look:
    """Positions are 0 where there is nothing; ``meta`` is the partition's hash as it stands."""

    server: Identity
    has_aof: bool
    rewriting: bool
    rewritten: bool
    first: int
    last: int
    meta: Mapping[str, str]
    time_ms: int

    def number(self, field: str) -> int:
        """Return a field of meta, 0 when it is not there."""
        return int(self.meta.get(field, 0))

    @property
    def highest_epoch(self) -> int:
        """The highest epoch begun, whether or not it came to open the partition."""
        return max(self.number("epoch"), self.number("token"))

    @property
    def is_open(self) -> bool:
        """Whether the append script takes appends: open, by this very server process."""
        stored = Identity(self.meta.get("run_id", ""), self.meta.get("replid", ""))
        return self.meta.get("state") == "open" and stored == self.server

    @property
    def waits_for_a_person(self) -> bool:
        """Whether a healer stopped the partition and said why."""
        return self.meta.get("state") == "halted" and "report" in self.meta

    @property
    def consistent(self) -> bool:
        """Whether what the partition derives from its log can be taken as it is: every script wrote it in one step."""
        return (
            "layout" in self.meta
            and self.meta.get("state") != "halted"
            and "rebuild" not in self.meta
            and self.number("n") == self.last
        )


def look(keys: Keys) -> Steps[Look]:
    """Look at a partition, refreshing its pressure.

    Raises:
        LogCorrupt: the partition has a layout that this release does not know.
    """
    reply = yield Script("look", (keys.meta, keys.log))
    run_id, replication_id, aof, first, last, flat, time_ms = reply
    found = Look(
        server=Identity(run_id.decode(), replication_id.decode()),
        has_aof=aof[0] == b"1",
        rewriting=aof[1] == b"1" or aof[2] == b"1",
        rewritten=aof[3] != b"-1" and aof[4] == b"ok",
        first=_position(first),
        last=_position(last),
        meta=_text(flat),
        time_ms=int(time_ms),
    )
    if found.number("layout") not in {0, *LAYOUTS_READ}:
        raise LogCorrupt(
            f"Partition {keys.partition} has layout {found.meta['layout']}, this release writes {LAYOUT}: "
            "run a release that knows it."
        )
    return found


def _position(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])


def _text(flat: Any) -> dict[str, str]:
    return {flat[at].decode(): flat[at + 1].decode() for at in range(0, len(flat), 2)}
