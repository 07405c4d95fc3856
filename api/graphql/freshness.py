"""Reading one's own writes: a query may wait for a position, and is told when it did not get it.

What waits is the position of the projections that the query reads, not that of the archive. Nothing is ever shown as
current that is not: a run whose events are parked is not, even when its position is reached (I28).
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from enum import Enum
from typing import Final, NamedTuple

import strawberry

from awe.api.bootstrap.partitions import partition_name
from awe.api.graphql import positions
from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.scalars import PositionToken
from awe.api.graphql.services import Services
from awe.commands.log import EventLog, Rewound
from awe.projections.queries import standing

_FIRST_S: Final = 0.05
_LONGEST_S: Final = 0.25


@strawberry.enum(
    description="""Whether an answer holds what the caller knows to have happened.
CURRENT: as far as the read models are, and at least to the position that was asked for.
STALE: the read models did not come to the position in time; ask again.
PARKED: stale, since an event of the run could not be applied; the run is shown as it was before.
REWOUND: the position did not survive a loss of the log; `survived` is the last one that did."""
)
class Freshness(Enum):
    CURRENT = "current"
    STALE = "stale"
    PARKED = "stale: parked"
    REWOUND = "rewound"


class Reached(NamedTuple):
    """What came of waiting; `survived` is told with REWOUND."""

    freshness: Freshness
    survived: PositionToken | None = None


CURRENT: Final = Reached(Freshness.CURRENT)


async def reach(services: Services, names: Collection[str], token: str | None) -> Reached:
    """Wait until the live versions of these projections have come to a position.

    Raises:
        Refused: it is no position of a log here, or ahead of it.
    """
    if token is None:
        return CURRENT
    number, position = positions.read(token)
    found = await positions.survived(log_of(services, number), position)
    if isinstance(found, Rewound):
        return Reached(Freshness.REWOUND, positions.token(number, found.common))
    end_s, pause_s = time.monotonic() + services.limits.fresh_s, _FIRST_S
    while True:
        async with services.reads.connection() as connection:
            at = await standing.live_position(connection, names, partition_name(number))
        if at is not None and at >= found.n:
            return CURRENT
        if time.monotonic() + pause_s > end_s:
            return Reached(Freshness.STALE)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_S)


async def parked(
    services: Services, names: Collection[str], runs: Mapping[str, Collection[str]]
) -> Collection[tuple[str, str]]:
    """Those of these runs, by partition, of which an event waits to be looked at."""
    if not runs:
        return ()
    async with services.reads.connection() as connection:
        return (await standing.parked(connection, names, runs)).keys()


def log_of(services: Services, partition: int) -> EventLog:
    """The log of a partition.

    Raises:
        Refused: this installation has no such partition.
    """
    log = services.logs.get(partition)
    if log is None:
        raise Refused(Code.INVALID_POSITION, f"There is no partition {partition:02d} here.")
    return log
