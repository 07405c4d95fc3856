"""Where runs are read: the log, which knows everything, and the read models, which are quick to ask."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from awe.commands.log import EventLog, LogUnavailable, Position
from awe.projections.ports import Connections

Head = Position | LogUnavailable
"""Where a partition's log ends, or why it cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Both of one installation.

    Attributes:
        logs: the partitions by name.
        reads: connections to the Postgres that has the archive and the read models.
        untouched: whether nothing ever happened in a partition, as far as both tiers can say; False where one cannot.
    """

    logs: Mapping[str, EventLog]
    reads: Connections
    untouched: Callable[[str], Awaitable[bool]]

    async def head(self, partition: str) -> Head | None:
        """Return where a partition's log ends; None where nothing ever happened in it."""
        try:
            return await self.logs[partition].head()
        except LogUnavailable as error:
            return None if await self.untouched(partition) else error

    async def heads(self) -> Mapping[str, Head]:
        """Return the same of every partition in which something may have happened."""
        found = await asyncio.gather(*map(self.head, self.logs))
        return {name: head for name, head in zip(self.logs, found, strict=True) if head is not None}


def stale(why: LogUnavailable) -> str:
    """How it is told that what is shown may be older than what happened."""
    return f"what is shown may be older than what happened: {why}"
