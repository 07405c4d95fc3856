"""What became of an offer that was delivered to somebody and not acknowledged: asked of the log, never of its queue (I14)."""

from enum import Enum, auto

from awe.commands.offers import Offer
from awe.commands.worker.record import Record, is_over
from awe.domain.task.state import TaskStatus


class Standing(Enum):
    OFFERED = auto()
    """Nobody claimed it: whoever gets the message may work on it."""
    OVER = auto()
    """The attempt has ended: the message says nothing any more."""
    HELD = auto()
    """Somebody claimed it, and the scheduler alone may find that lost; or the log does not know this offer."""


def standing(record: Record, offer: Offer) -> Standing:
    """How the offer stands in the log."""
    task, attempt = record.task, offer.ready.attempt
    if is_over(task, attempt):
        return Standing.OVER
    offered = task.attempt == attempt and task.status is TaskStatus.READY
    return Standing.OFFERED if offered and record.offered_by == offer.append_id else Standing.HELD
