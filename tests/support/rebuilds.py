"""Goals in an archive, a projection that counts them, and what the work on its versions needs, without a hot tier."""

import json
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any, ClassVar, Final

import psycopg

from awe.adapters.projection_control.application import EventSourcedProjectionControl
from awe.api.reading.entries import decoded
from awe.domain.events import Event
from awe.domain.run.events import GoalSubmitted
from awe.projections import archive, epochs, positions
from awe.projections.archive import Head
from awe.projections.ports import Connections, Duties
from awe.projections.projecting import Projecting
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.rebuild.progress import Progress
from awe.projections.rebuild.rebuilding import Workplace
from awe.projections.stored import StoredEntry
from awe.projections.views.entry import Entry
from support.archives import PARTITION, migrated

MEMORY: Final = {"PERSISTENCE_MODULE": "awe.adapters.memory.eventsourcing"}


class Goals(Projector):
    """Counts goals by their text; some texts it cannot count, unless it was mended."""

    name = "goals"
    version = 1
    events: ClassVar[tuple[type[Event], ...]] = (GoalSubmitted,)
    table = Table(columns={"goal": "text", "count": "smallint"}, key=("goal",), indexes=("(count)",))
    poison: ClassVar[tuple[str, ...]] = ("poison",)

    def keys(self, entry: Entry) -> Iterable[Key]:
        assert isinstance(entry.event, GoalSubmitted)
        return ((entry.event.goal,),)

    def apply(self, row: Row, entry: Entry) -> None:
        if row["goal"] in self.poison:
            raise RuntimeError(f"cannot count event {entry.n}")
        row["count"] = 99_999 if row["goal"] == "too many" else (row["count"] or 0) + 1


class Wider(Goals):
    """The same with another type and a column more."""

    version = 2
    table = Table(columns={"goal": "text", "count": "bigint", "last": "bigint"}, key=("goal",))

    def apply(self, row: Row, entry: Entry) -> None:
        super().apply(row, entry)
        row["last"] = entry.n


class Mended(Goals):
    poison = ()


def goal(n: int, run: str = "r-00-a", text: str = "g") -> StoredEntry:
    body = json.dumps({"data": {"tenant": "t", "goal": text, "inputs": {}}})
    meta = f"{run}\trun\t1\tap{n}\t0\t{1000 + n}"
    return StoredEntry(n, b"awe.run.goal_submitted/2", meta.encode(), body.encode())


def goals(first: int, count: int, text: str = "g") -> Sequence[StoredEntry]:
    return [goal(n, f"r-00-{n}", text) for n in range(first, first + count)]


async def archived(
    connections: Connections, entries: Sequence[StoredEntry], base: Head | None = None
) -> Head:
    async with connections.connection() as connection:
        head = base or await epochs.begin(connection, PARTITION, 0)
        return await archive.append(connection, PARTITION, head, entries, Duties())


async def fed(connections: Connections, *projectors: Projector) -> None:
    """Feed all that these projectors can feed up to the archive's head."""
    feed = Projecting(connections, PARTITION, projectors, decoded)
    while await feed.step():
        pass


async def installed(connections: Connections, *projectors: Projector) -> None:
    async with connections.connection() as connection:
        await positions.install(connection, projectors, [PARTITION])
    await fed(connections, *projectors)


async def read(
    connections: Connections, name: str = "goals", columns: str = "goal, count"
) -> Mapping[Any, Any]:
    """What queries read, the first column to the second."""
    async with connections.connection() as connection:
        cursor = await connection.execute(f"SELECT {columns} FROM awe_read.{name}".encode())  # noqa: S608 (the test's own)
        return dict(await cursor.fetchall())


async def versions(connections: Connections, name: str = "goals") -> Mapping[int, str]:
    """Versions in Postgres, each with what it is."""
    async with connections.connection() as connection:
        cursor = await connection.execute(
            "SELECT version, live, building, stopped FROM awe.projection WHERE name = %s ORDER BY version",
            (name,),
        )
        return {
            number: "building" if building else "stopped" if stopped else "live" if live else "fed"
            for number, live, building, stopped in await cursor.fetchall()
        }


@asynccontextmanager
async def workplace(url: str, env: Mapping[str, str] = MEMORY, **changes: Any) -> AsyncGenerator[Workplace]:
    """Three connections, and a control that is alone with this workplace when it is in memory."""
    async with (
        migrated(url, "writing") as writing,
        migrated(url, "reading") as reading,
        migrated(url, "locking") as locking,
    ):
        control = EventSourcedProjectionControl(env)
        place = Workplace(writing, reading, locking, control, decoded, who="ana", alone_after_s=0.0)
        try:
            yield replace(place, **changes)
        finally:
            control.close()


def silent(_progress: Progress) -> None:
    """Nobody looks."""


@contextmanager
def another(url: str) -> Generator[Callable[[str], Any]]:
    """Statements of somebody else."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda statement: connection.execute(statement.encode())
