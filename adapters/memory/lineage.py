"""A position is a number and the epoch that numbered it; after a loss the same number may be given out again."""

from collections.abc import Mapping

from awe.commands.log import Position


def common(epochs: Mapping[int, int], at: Position) -> int | None:
    """Return the last number that a lost position shares with today's log; ``None`` when the position survived.

    Args:
        epochs: epoch to the first number it could write.
        at: the position asked for.
    """
    starts = [start for epoch, start in epochs.items() if epoch > at.epoch and start <= at.n]
    return min(starts) - 1 if starts else None
