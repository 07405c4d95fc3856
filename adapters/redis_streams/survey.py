"""Reads the whole hot log once: is it contiguous, does it agree with the archive, and what stands behind the archive?

The two tiers are compared over their whole overlap by the chain, not only at the last position: only digests are
computed, and the archive's own are asked for only where a difference must be named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from awe.adapters.redis_streams.entries import raw
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.steps import Page, Steps
from awe.projections import chain
from awe.projections.errors import Diverged
from awe.projections.stored import StoredEntry

PAGE_SIZE = 2_000


@dataclass(slots=True)
class Survey:
    """What the hot log holds: ``overlap`` are the digests of its archived entries, from position ``first`` on."""

    first: int
    overlap: list[bytes] = field(default_factory=list[bytes])
    tail: list[StoredEntry] = field(default_factory=list[StoredEntry])
    """The entries behind the archive's head, in log order."""
    last: StoredEntry | None = None

    def chain_from(self, value: bytes) -> bytes:
        """Return the chain's value at the end of the overlap from its value before the overlap."""
        return chain.extend_all(value, self.first, self.overlap)

    def first_difference(self, archived: Sequence[bytes]) -> int | None:
        """Return the first position of the overlap whose digest the archive has differently."""
        pairs = zip(self.overlap, archived, strict=True)
        return next((n for n, (hot, cold) in enumerate(pairs, self.first) if hot != cold), None)


def survey(keys: Keys, first: int, archived: int) -> Steps[Survey]:
    """Read the log from its ``first`` entry on; ``archived`` is the archive's head.

    Raises:
        Diverged: an entry is missing within the log.
    """
    found = Survey(first)
    expected = first
    while True:
        page = yield Page(keys.log, f"{expected}-0", PAGE_SIZE)
        for entry in map(raw, page):
            if entry.n != expected:
                raise Diverged(f"Redis misses events {expected}..{entry.n - 1} within its log")
            if entry.n <= archived:
                found.overlap.append(chain.digest(entry.type, entry.meta, entry.body))
            else:
                found.tail.append(entry)
            found.last = entry
            expected += 1
        if len(page) < PAGE_SIZE:
            return found
