"""One partition on real servers with its read models, each moved on only when a test says so; runs happen as it tells."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.postgres.connection import OwnedConnection
from awe.api.reading.entries import decoded
from awe.api.reading.sources import Sources
from awe.api.reading.untouched import untouched
from awe.commands.log import NewEvent
from awe.domain.events import Context, Event, encode
from awe.domain.identifiers import TaskKey, task_aggregate
from awe.projections import positions
from awe.projections.projecting import Projecting
from awe.projections.projector import Projector
from awe.projections.read_models import BUILT_IN
from support.two_tiers import TwoTiers, two_tiers

Told = tuple[str, Event | None]
"""`run` or a task's key, and what happened to it; None: something that only a newer release knows."""

_UNIT: Final = 100


def run_id(number: int) -> str:
    return f"r-00-{number:026d}"


@dataclass
class ReadingRoom:
    tiers: TwoTiers
    reads: OwnedConnection
    projecting: Projecting
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)

    @property
    def partition(self) -> str:
        return self.tiers.partition

    @property
    def sources(self) -> Sources:
        ask = partial(untouched, self.tiers.client, self.reads)
        return Sources({self.partition: self.tiers.log}, self.reads, ask)

    async def happen(self, run: str, *told: Told) -> None:
        """Append events to a run, expecting nothing."""
        for at in range(0, len(told), _UNIT):
            await self.tiers.append(run, events=[_new(*each) for each in told[at : at + _UNIT]])

    async def project(self) -> None:
        """Archive what there is, and feed the read models with it."""
        await self.tiers.archive_all()
        while await self.projecting.step():
            pass

    async def sql(self, statement: str) -> None:
        await self.tiers.sql(statement)

    async def rows(self, statement: str) -> list[Any]:
        async with self.reads.connection() as connection:
            return await (await connection.execute(statement.encode())).fetchall()


def _new(of: str, event: Event | None) -> NewEvent:
    aggregate = of if of == "run" else task_aggregate(TaskKey(of))
    if event is None:
        return NewEvent(aggregate, "awe.run.dreamt/1", b'{"data":{"of":"sheep"}}')
    return NewEvent(aggregate, event.event_type, encode(event, Context(actor="ana")))


@asynccontextmanager
async def reading_room(
    redis_url: str, postgres_url: str, partition: str, projectors: Sequence[Projector] = BUILT_IN
) -> AsyncGenerator[ReadingRoom]:
    """A partition that was just opened; nothing runs by itself."""
    async with two_tiers(redis_url, postgres_url, partition) as tiers:
        await tiers.heal()
        async with tiers.connections.connection() as connection:
            await positions.install(connection, projectors, [partition])
        reads = OwnedConnection(postgres_url, "test reads")
        try:
            yield ReadingRoom(tiers, reads, Projecting(tiers.connections, partition, projectors, decoded))
        finally:
            await reads.aclose()
