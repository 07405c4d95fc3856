"""Positions as clients hold them, each with its lineage: partition, number and epoch (I16).

A position is never read as another one: what is of no partition here, ahead of the log, or lost is told as such.
"""

import re
from typing import Final, NamedTuple

from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.scalars import PositionToken
from awe.commands.log import EventLog, Position, Rewound

_FORM: Final = re.compile(r"([0-9]{2}):([0-9]{1,18}):([0-9]{1,18})", re.ASCII)


class Placed(NamedTuple):
    """A position and the number of its partition."""

    partition: int
    position: Position


def token(partition: int, position: Position) -> PositionToken:
    """`PP:n:epoch`."""
    return PositionToken(f"{partition:02d}:{position.n}:{position.epoch}")


def read(text: str, *, partition: int | None = None) -> Placed:
    """Read a token; with ``partition`` it must be of that one.

    Raises:
        Refused: it is no token, or of another partition.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise Refused(Code.INVALID_POSITION, "This is no position that was given out here.")
    placed = Placed(int(found[1]), Position(int(found[2]), int(found[3])))
    if partition is not None and placed.partition != partition:
        raise Refused(
            Code.INVALID_POSITION,
            f"This position is of partition {placed.partition:02d}, and the run is in {partition:02d}.",
        )
    return placed


async def survived(log: EventLog, position: Position) -> Position | Rewound:
    """The position as today's log numbers it, or the last one that it shares with it.

    Raises:
        Refused: the log has not come to it.
        LogUnavailable: the log cannot be asked.
    """
    head = await log.head()
    if position.epoch > head.epoch or (position.epoch == head.epoch and position.n > head.n):
        raise Refused(
            Code.POSITION_AHEAD,
            "The log has not come to this position: it is of another installation, or of no log at all.",
        )
    if position.epoch == head.epoch or position.n == 0:
        return Position(position.n, head.epoch)
    found = await log.read(position, 1)
    return found if isinstance(found, Rewound) else Position(position.n, found.position.epoch)
