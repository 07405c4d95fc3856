"""Which positions survived: each epoch starts at a position, and what an older epoch wrote from there on is gone."""

from collections.abc import Mapping

from awe.commands.log import Position

Epochs = Mapping[int, int]
"""Epoch to the first position it could write."""


def common(epochs: Epochs, position: Position) -> int:
    """Return the last position, at most ``position.n``, that today's log shares with the one ``position`` knows.

    An epoch that is not in the table tells nothing: the caller then holds a position of another log, of which only
    the empty beginning is shared.
    """
    if position.n == 0:
        return 0
    if position.epoch not in epochs:
        return 0
    later = [start - 1 for epoch, start in epochs.items() if epoch > position.epoch]
    return min([position.n, *later])
