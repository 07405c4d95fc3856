"""Rows of runs as they change, for all who watch lists: read once for everybody, when the read model has come to the change.

It is about states, not about events: of changes in quick succession the last one counts.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from awe.api.bootstrap.partitions import partition_name
from awe.api.graphql.followers import Followers, NewsBox
from awe.api.graphql.mailbox import Mailbox
from awe.commands.log import EventLog
from awe.projections.errors import ArchiveError
from awe.projections.ports import Connections
from awe.projections.projector import Row
from awe.projections.queries import runs, standing
from awe.projections.read_models.runs import Runs

_POLL_S: Final = 0.05
_PATIENCE_S: Final = 2.0
_AGAIN_S: Final = 0.5
_COLUMNS: Final = frozenset({*Runs.table.columns, runs.EPOCH})
_NAMES: Final = frozenset(event.event_name for event in Runs.events)

_log = logging.getLogger(__name__)

RowBox = Mailbox[Row]


class RunChanges:
    def __init__(
        self, logs: Mapping[int, EventLog], followers: Followers, reads: Connections, *, waiting: int
    ) -> None:
        """``waiting`` rows wait for each subscriber at most."""
        self._logs = logs
        self._followers = followers
        self._reads = reads
        self._waiting = waiting
        self._boxes: set[RowBox] = set()
        self._held: AsyncExitStack | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._starting = asyncio.Lock()

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[RowBox]:
        """Hear of every run that changes from now on.

        Raises:
            LogUnavailable: a partition cannot be asked where it stands.
        """
        box: RowBox = Mailbox(self._waiting)
        async with self._starting:
            if self._held is None:
                await self._start()
            self._boxes.add(box)
        try:
            yield box
        finally:
            self._boxes.discard(box)
            async with self._starting:
                if not self._boxes:
                    await self._stop()

    async def _start(self) -> None:
        async with AsyncExitStack() as held:
            boxes = {
                number: await held.enter_async_context(self._followers.joined(number, None))
                for number in self._logs
            }
            self._held = held.pop_all()
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._watch(number, box)) for number, box in boxes.items()]

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []
        if self._held is not None:
            await self._held.aclose()
            self._held = None

    async def _watch(self, number: int, box: NewsBox) -> None:
        """Tell the rows of one partition until its follower ends; then every watcher's stream ends too."""
        while news := await box.take():
            changed = dict.fromkeys(
                event.run for each in news for event in each.events if event.type.partition("/")[0] in _NAMES
            )
            if changed:
                await self._tell(number, list(changed), max(each.position.n for each in news))
        for each in self._boxes:
            each.overflowed = each.overflowed or box.overflowed
            each.close()

    async def _tell(self, number: int, changed: list[str], n: int) -> None:
        partition, end_s = partition_name(number), time.monotonic() + _PATIENCE_S
        while True:
            try:
                async with self._reads.connection() as connection:
                    at = await standing.live_position(connection, [Runs.name], partition)
                    if (at is None or at < n) and time.monotonic() < end_s:
                        found = None
                    else:
                        found = await runs.of_keys(
                            connection, _COLUMNS, [(partition, run) for run in changed]
                        )
            except ArchiveError as error:
                _log.warning("Changes of runs wait: %s", error)
                await asyncio.sleep(_AGAIN_S)
                continue
            if found is not None:
                break
            await asyncio.sleep(_POLL_S)
        for row in found.values():
            for box in self._boxes:
                box.put(row)
