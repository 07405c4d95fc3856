"""The version that a rebuild goes on with: one that was begun with the same code, or a new one."""

import asyncio
from collections.abc import Callable

from awe.projections import positions
from awe.projections.control import Projection, ProjectionControl, Version, VersionState
from awe.projections.ports import Connections
from awe.projections.projector import Projector
from awe.projections.rebuild import effects, pages
from awe.projections.tables import code_of

_UNFINISHED = (VersionState.REGISTERED, VersionState.BUILDING)


async def shadow(
    connections: Connections,
    control: ProjectionControl,
    projection: Projection,
    projector: Projector,
    note: Callable[[str], None],
) -> tuple[int, bool]:
    """Return the version's number and whether it is built already; control and Postgres must agree.

    Versions that were begun with other code are dropped: nobody can finish them here, and nobody reads them.
    """
    name, code = projector.name, code_of(projector)
    async with connections.connection() as connection:
        there = {each.number: each for each in await effects.known(connection, name)}
    begun = None
    for version in projection.versions.values():
        if version.state in _UNFINISHED and version.code != code:
            await asyncio.to_thread(control.drop, name, version.number)
            async with connections.connection() as connection:
                await effects.dropped(connection, name, version.number)
            note(f"version {version.number} was begun with other code and is dropped")
        elif _goes_on(version, code, built=version.number in there):
            begun = version
    if begun is None:
        number = max((0, *projection.versions, *there)) + 1
        await asyncio.to_thread(control.register, name, number, code)
    else:
        number = begun.number
        note(f"goes on with version {number}, which was begun before")
    if begun is not None and begun.state is VersionState.CAUGHT_UP:
        return number, True
    await asyncio.to_thread(control.start_build, name, number)
    async with connections.connection() as connection, connection.transaction():
        if number not in there:
            await positions.create(connection, projector, number, building=True)
        await connection.execute(
            """
            INSERT INTO awe.projection_position (name, version, partition)
            SELECT %s, %s, partition FROM unnest(%s::text[]) AS here (partition) ON CONFLICT DO NOTHING
            """,
            (name, number, list(await pages.heads(connection))),
        )
    return number, False


def _goes_on(version: Version, code: str, *, built: bool) -> bool:
    """Whether a rebuild may go on with it; what was found to differ is built anew."""
    if version.code != code:
        return False
    if version.state is VersionState.CAUGHT_UP:
        return built and (version.verification is None or version.verification.equal)
    return version.state in _UNFINISHED
