"""The work queues of a partition in memory, as the scheduler's watchdog sees them."""

from collections.abc import Sequence

from awe.adapters.memory.server import MemoryServer
from awe.commands.queues import Sent


class MemoryWorkQueues:
    """Implements `awe.commands.queues.WorkQueues` for one partition."""

    def __init__(self, server: MemoryServer, partition: str) -> None:
        self._server = server
        self._partition = partition

    async def missing(self, queue: str, sent: Sequence[Sent]) -> Sequence[Sent]:
        """Return which of these messages the queue does not hold; see the port."""
        await self._server.awake.wait()
        self._server.head(self._partition)  # a partition that waits for the healer cannot be asked
        held = {Sent(event.n, event.append_id) for event in self._server.messages(self._partition, queue)}
        return [each for each in sent if each not in held]

    async def send_again(self, queue: str, sent: Sequence[Sent]) -> None:
        """Put messages into the queue that it misses; see the port."""
        await self._server.awake.wait()
        self._server.send_again(self._partition, queue, [(each.n, each.append_id) for each in sent])
