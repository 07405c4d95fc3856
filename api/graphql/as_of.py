"""A run as it was at a position: its events up to there, folded by the read models' own projectors.

So a run of the past has the same rows as one of today, and the events of the future have no part in it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from awe.api.reading.entries import entry
from awe.commands.log import RecordedEvent
from awe.projections.folding import fold, wanted
from awe.projections.projector import Key, Projector, Row
from awe.projections.read_models.artifacts import Artifacts
from awe.projections.read_models.operations import Operations
from awe.projections.read_models.run_details import RunDetails
from awe.projections.read_models.runs import Runs
from awe.projections.read_models.tasks import Tasks
from awe.projections.views.entry import Entry

_FEW: Final = 200
"""Events that are folded faster than a thread is asked."""


class RunThen:
    """Implements `RunSource`; only what is asked for is decoded and folded."""

    def __init__(self, partition: str, run: str, events: Sequence[RecordedEvent]) -> None:
        """``events`` are all of the run up to the position, in log order."""
        self._partition = partition
        self._run = run
        self._events = events
        self._entries: dict[int, Entry] = {}
        self._rows: dict[str, Mapping[Key, Row]] = {}
        self._lock = asyncio.Lock()
        self.stuck = False
        """Whether an event could not be applied; what follows it is not in the rows (I28)."""

    async def run(self) -> Row | None:
        """The row of `runs`, or None when nothing had happened."""
        return self._of_run(await self._folded(Runs()))

    async def details(self) -> Row | None:
        """The row of `run_details`."""
        return self._of_run(await self._folded(RunDetails()))

    async def tasks(self, columns: frozenset[str], first_n: int, limit: int) -> Sequence[Row]:  # noqa: ARG002 (all columns are at hand)
        rows = (await self._folded(Tasks())).values()
        found = sorted((row for row in rows if row["first_n"] > first_n), key=lambda row: row["first_n"])
        return found[:limit]

    async def operations(self, task: str, columns: frozenset[str], limit: int) -> Sequence[Row]:  # noqa: ARG002 (likewise)
        rows = (await self._folded(Operations())).values()
        mine = [row for row in rows if row["task"] == task]
        return sorted(mine, key=lambda row: (row["call"], row["generation"]))[:limit]

    async def artifacts(self, task: str, columns: frozenset[str], limit: int) -> Sequence[Row]:  # noqa: ARG002 (likewise)
        rows = (await self._folded(Artifacts())).values()
        mine = [row for row in rows if row["task"] == task]
        return sorted(mine, key=lambda row: (row["call"], row["generation"], row["name"]))[:limit]

    async def artifacts_of_run(
        self,
        columns: frozenset[str],  # noqa: ARG002 (likewise)
        behind: tuple[int, str],
        limit: int,
    ) -> Sequence[Row]:
        rows = (await self._folded(Artifacts())).values()
        mine = [row for row in rows if (row["n"], row["name"]) > behind]
        return sorted(mine, key=lambda row: (row["n"], row["name"]))[:limit]

    def _of_run(self, rows: Mapping[Key, Row]) -> Row | None:
        row = rows.get((self._run,))
        return None if row is None else {**row, "partition": self._partition}

    async def _folded(self, projector: Projector) -> Mapping[Key, Row]:
        async with self._lock:
            if projector.name not in self._rows:
                if len(self._events) <= _FEW:
                    self._rows[projector.name] = self._fold(projector)
                else:
                    self._rows[projector.name] = await asyncio.to_thread(self._fold, projector)
            return self._rows[projector.name]

    def _fold(self, projector: Projector) -> Mapping[Key, Row]:
        names = {event.event_name for event in projector.events}
        mine = [self._entry(event) for event in self._events if event.type.partition("/")[0] in names]
        folded = fold(projector, wanted(projector, mine), {}, {})
        self.stuck = self.stuck or bool(folded.parked)
        return folded.rows

    def _entry(self, event: RecordedEvent) -> Entry:
        known = self._entries.get(event.n)
        if known is None:
            known = self._entries[event.n] = entry(event)
        return known
