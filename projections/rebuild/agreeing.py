"""Control and Postgres agree before anything else is decided.

Control decides first, so where it is ahead the effect is repeated: somebody was killed between both. Where Postgres is
ahead, control learns what stands there: a projection begins without it, and a log may lose its tail.
"""

import asyncio

from awe.projections.control import Projection, ProjectionControl, VersionState
from awe.projections.ports import Connections
from awe.projections.rebuild import effects
from awe.projections.rebuild.effects import Known


async def agreed(connections: Connections, control: ProjectionControl, name: str) -> Projection:
    """Make both agree on a projection, and return what control knows then. Hold its lock meanwhile."""
    projection = await asyncio.to_thread(control.status, name)
    async with connections.connection() as connection:
        there = await effects.known(connection, name)
        for each in there:
            of = projection.versions.get(each.number)
            if of is not None and of.state is VersionState.DROPPED and not each.live:
                await effects.dropped(connection, name, each.number)
    there = [each for each in there if _is_kept(projection, each)]
    for each in there:
        await asyncio.to_thread(_learn, control, projection, each)
    live = next((each for each in there if each.live), None)
    built = {each.number for each in there}
    if live is not None and live.number != projection.live:
        if projection.live in built and live.decided <= projection.revision:
            await effects.read(connections, name, projection.live or 0, projection.revision, not_behind=False)
        else:
            await asyncio.to_thread(control.switch, name, live.number, forced="it is read already")
    elif live is None and projection.live in built:
        await effects.read(connections, name, projection.live or 0, projection.revision, not_behind=False)
    return await asyncio.to_thread(control.status, name)


def _is_kept(projection: Projection, there: Known) -> bool:
    known = projection.versions.get(there.number)
    return there.live or known is None or known.state is not VersionState.DROPPED


def _learn(control: ProjectionControl, before: Projection, there: Known) -> None:
    """Bring control to where a version stands in Postgres."""
    known = before.versions.get(there.number)
    if known is None and there.number < max(before.versions, default=0):
        return  # numbers only rise: it is fed, and can be dropped, but no longer be read
    if known is None:
        control.register(before.name, there.number, there.code)
    if known is None or known.state is VersionState.REGISTERED:
        control.start_build(before.name, there.number)
    if not there.building and (
        known is None or known.state in {VersionState.REGISTERED, VersionState.BUILDING}
    ):
        control.caught_up(before.name, there.number)
