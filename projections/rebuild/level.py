"""Brings two versions to one position: the running feed does it, and where none runs, whoever asks feeds them himself."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Final

from awe.projections.errors import Fenced
from awe.projections.folding import Decode
from awe.projections.ports import Connections
from awe.projections.projecting import Projecting
from awe.projections.projector import Projector
from awe.projections.rebuild.comparing import standings
from awe.projections.rebuild.errors import NotLevel

ALONE_AFTER_S: Final = 4.0
"""After so long without a move nobody feeds them."""

_LOOK_S: Final = 0.05


async def level(
    connections: Connections,
    projector: Projector,
    number: int,
    against: int,
    decode: Decode,
    *,
    alone_after_s: float = ALONE_AFTER_S,
) -> None:
    """Return when both stood at one position in each partition.

    Raises:
        NotLevel: they do not come together, since nobody feeds one of them.
    """
    last: Mapping[str, tuple[int, int]] = {}
    moved_s, fed = monotonic(), False
    while True:
        async with connections.connection() as connection:
            stand = await standings(connection, projector.name, number, against)
        if all(one == other for one, other in stand.values()):
            return
        if stand != last:
            last, moved_s, fed = stand, monotonic(), False
        elif monotonic() - moved_s >= alone_after_s:
            if fed:
                raise NotLevel(_told(projector.name, number, against, stand))
            for partition in stand:
                await _feed(connections, projector, partition, decode)
            fed = True
            continue
        await asyncio.sleep(_LOOK_S)


async def _feed(connections: Connections, projector: Projector, partition: str, decode: Decode) -> None:
    """Apply what is archived, unless somebody else does after all."""
    feed = Projecting(connections, partition, [projector], decode)
    try:
        while await feed.step():
            pass
    except Fenced:
        return


def _told(name: str, number: int, against: int, stand: Mapping[str, tuple[int, int]]) -> str:
    partition, (one, other) = next(item for item in stand.items() if item[1][0] != item[1][1])
    behind = number if one < other else against
    return (
        f"version {behind} of {name} stands still at event {min(one, other)} of partition {partition}, the other one "
        f"at {max(one, other)}: resume it if it is stopped, start a projector that has its code, or force the switch"
    )
