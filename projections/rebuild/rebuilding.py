"""A rebuild from its beginning to the switch, and the single steps of it that a person may take.

Everything here may be killed at any point and called again: it goes on where it was.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from awe.projections.control import Projection, ProjectionControl
from awe.projections.folding import Decode
from awe.projections.ports import Connections
from awe.projections.projector import Projector
from awe.projections.rebuild import effects
from awe.projections.rebuild.agreeing import agreed
from awe.projections.rebuild.builder import Builder, Tell
from awe.projections.rebuild.comparing import Comparison, compare, standings
from awe.projections.rebuild.errors import ProjectionUnknown
from awe.projections.rebuild.level import ALONE_AFTER_S, level
from awe.projections.rebuild.lock import locked
from awe.projections.rebuild.pages import EVENTS
from awe.projections.rebuild.shadow import shadow
from awe.projections.tables import code_of

_AGAIN_S: Final = 0.05


def _silent(_note: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the work on versions needs. The three connections are used at the same time.

    Attributes:
        locking: serves the lock alone.
        who: as others are told who works on a projection.
        note: hears in a few words what a person may want to know.
    """

    writing: Connections
    reading: Connections
    locking: Connections
    control: ProjectionControl
    decode: Decode
    who: str
    note: Callable[[str], None] = field(default=_silent)
    alone_after_s: float = ALONE_AFTER_S
    page: int = EVENTS


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The version that was built, the one that is read now, and how both compared.

    They are two when no switch was wanted, or when the new one differs. No comparison: there was nothing to compare
    with, or none was wanted.
    """

    version: int
    live: int | None
    comparison: Comparison | None


@asynccontextmanager
async def working(place: Workplace, name: str) -> AsyncGenerator[Projection]:
    """Hold a projection's lock, with control and Postgres in agreement.

    Raises:
        Busy: somebody else has it.
    """
    async with locked(place.locking, name, place.who):
        yield await agreed(place.writing, place.control, name)


async def rebuild(
    place: Workplace,
    projector: Projector,
    tell: Tell,
    *,
    switch: bool = True,
    park: bool = False,
    forced: str = "",
) -> Rebuilt:
    """Build a version, compare it with the live one, and read it; or go on with one that was begun.

    Args:
        place: what it works with.
        projector: the code.
        tell: hears how far it is, after each page.
        switch: compare and read it; else it is only built, and fed from then on.
        park: park events that cannot be applied.
        forced: the reason to read it although it differs.

    Raises:
        Poisoned: an event cannot be applied, and ``park`` is not wanted.
        NotLevel: nobody feeds the live one.
        Busy: somebody else works on the projection.
    """
    name = projector.name
    async with working(place, name) as projection:
        number, built = await shadow(place.writing, place.control, projection, projector, place.note)
        live, early = projection.live, None
        if not built:
            builder = Builder(
                place.writing,
                place.reading,
                projector,
                number,
                place.decode,
                park=park,
                page=place.page,
            )
            if switch and live is not None and projection.versions[live].code != code_of(projector):
                early = await _compared_early(place, builder, projector, number, live, tell)
            await builder.run(tell)
            await asyncio.to_thread(place.control.caught_up, name, number)
        async with place.writing.connection() as connection:
            await effects.handed_over(connection, name, number)
        if not switch:
            return Rebuilt(number, live, None)
        compared = None if live is None else early or await _compared(place, projector, number, live)
        if compared is not None:
            await _noted(place, name, compared)
        if compared is not None and not compared.equal and not forced:
            return Rebuilt(number, live, compared)
        await _read(place, projector, number, live, forced)
        return Rebuilt(number, number, compared)


async def verify(place: Workplace, projector: Projector, number: int | None = None) -> Comparison:
    """Compare a version with the live one: the newest that is built, unless a number is given.

    Raises:
        ProjectionUnknown: there is no such version, or nothing to compare.
        NotLevel, Busy: as for a rebuild.
    """
    async with working(place, projector.name) as projection:
        if projection.live is None:
            raise ProjectionUnknown(f"{projector.name} has no live version to compare with")
        chosen = await _chosen(place, projection, number)
        found = await _compared(place, projector, chosen, projection.live)
        await _noted(place, projector.name, found)
        return found


async def switch(
    place: Workplace, projector: Projector, number: int | None = None, *, forced: str = ""
) -> int:
    """Let queries read a version: the newest that is built, unless a number is given; return its number.

    Raises:
        ControlRefused: it is not ready, and nobody says why it is read all the same.
        NotLevel, Busy, ProjectionUnknown: as for a rebuild.
    """
    async with working(place, projector.name) as projection:
        if number is not None and number == projection.live:
            return number
        chosen = await _chosen(place, projection, number)
        await _read(place, projector, chosen, projection.live, forced)
        return chosen


async def roll_back(place: Workplace, name: str, reason: str) -> int:
    """Let queries read the former version again; return its number.

    Raises:
        ControlRefused: there is none.
        Busy: somebody else works on the projection.
    """
    async with working(place, name) as projection:
        former = projection.former[-1:]
        if not former:
            raise ProjectionUnknown(f"{name} has no former version to go back to")
        await asyncio.to_thread(place.control.roll_back, name, former[0], reason=reason)
        await agreed(place.writing, place.control, name)
        return former[0]


async def drop(place: Workplace, name: str, number: int) -> None:
    """Give up a version and its table.

    Raises:
        ControlRefused: it is the one that is read, or there is no such version.
        Busy: somebody else works on the projection.
    """
    async with working(place, name):
        await asyncio.to_thread(place.control.drop, name, number)
        async with place.writing.connection() as connection:
            await effects.dropped(connection, name, number)


async def _chosen(place: Workplace, projection: Projection, number: int | None) -> int:
    async with place.writing.connection() as connection:
        built = [
            each.number
            for each in await effects.known(connection, projection.name)
            if not each.building and each.number != projection.live
        ]
    if number is None and not built:
        raise ProjectionUnknown(f"{projection.name} has no version beside the live one: rebuild it first")
    if number is not None and number not in built:
        raise ProjectionUnknown(
            f"{projection.name} has no version {number} that is built and not read already"
        )
    return built[-1] if number is None else number


async def _compared_early(
    place: Workplace, builder: Builder, projector: Projector, number: int, live: int, tell: Tell
) -> Comparison | None:
    """Compare where the live version stands still, since nobody may have its code any more; None if it does not."""
    async with place.writing.connection() as connection:
        stand = await standings(connection, projector.name, number, live)
    await builder.run(tell, {partition: other for partition, (_, other) in stand.items()})
    async with place.writing.connection() as connection:
        return await compare(connection, projector, number, live)


async def _compared(place: Workplace, projector: Projector, number: int, live: int) -> Comparison:
    """Compare, as soon as both stand at one position."""
    while True:
        await _level(place, projector, number, live)
        async with place.writing.connection() as connection:
            found = await compare(connection, projector, number, live)
        if found is not None:
            return found
        await asyncio.sleep(_AGAIN_S)


async def _noted(place: Workplace, name: str, found: Comparison) -> None:
    await asyncio.to_thread(
        place.control.verified, name, found.version, equal=found.equal, report=found.report
    )


async def _read(place: Workplace, projector: Projector, number: int, live: int | None, forced: str) -> None:
    """Decide, then do it; readers never go back to an earlier position, unless somebody forces it."""
    if live is not None and not forced:
        async with place.writing.connection() as connection:
            stand = await standings(connection, projector.name, number, live)
        if any(one < other for one, other in stand.values()):
            await _level(place, projector, number, live)
    await asyncio.to_thread(place.control.switch, projector.name, number, forced=forced)
    revision = (await asyncio.to_thread(place.control.status, projector.name)).revision
    while not await effects.read(place.writing, projector.name, number, revision, not_behind=not forced):
        await _level(place, projector, number, live or number)


async def _level(place: Workplace, projector: Projector, number: int, against: int) -> None:
    await level(place.writing, projector, number, against, place.decode, alone_after_s=place.alone_after_s)
