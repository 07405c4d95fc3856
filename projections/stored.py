"""An entry of the log as its bytes stand in both tiers, and what reads them from the cold one."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class StoredEntry(NamedTuple):
    """One entry as stored: position and the bytes of its type, meta and body."""

    n: int
    type: bytes
    meta: bytes
    body: bytes

    @property
    def run(self) -> str:
        """The run the event belongs to: meta begins with it."""
        return self.meta.partition(b"\t")[0].decode()


class ColdTier(Protocol):
    """The archive as the hot tier's readers need it.

    Every method raises ``LogUnavailable`` (``awe.commands.log``) when the archive cannot be asked now.
    """

    async def entries(self, partition: str, after: int, limit: int) -> Sequence[StoredEntry]:
        """Return contiguous entries from position ``after + 1`` on, at most ``limit``, none beyond the head."""
        ...

    async def of_run(self, partition: str, run: str) -> tuple[Sequence[StoredEntry], int]:
        """Return a run's entries in log order and the archived position up to which they are all (one snapshot)."""
        ...
