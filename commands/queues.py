"""The port by which the scheduler compares what the log owes with what the work queues hold (I5)."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Sent(NamedTuple):
    """A message by the event it carries: where that stands, and which append wrote it."""

    n: int
    append_id: str


class WorkQueues(Protocol):
    """The work queues of one partition."""

    async def missing(self, queue: str, sent: Sequence[Sent]) -> Sequence[Sent]:
        """Return which of these messages the queue does not hold.

        Raises:
            LogUnavailable: the partition cannot be asked.
        """
        ...

    async def send_again(self, queue: str, sent: Sequence[Sent]) -> None:
        """Put messages into the queue that it misses, made from their events as the append did.

        One that came back meanwhile is then there twice, which costs a worker a look and does no harm.

        Raises:
            LogUnavailable: the partition cannot be asked; look again later.
        """
        ...
