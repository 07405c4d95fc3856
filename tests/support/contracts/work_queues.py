"""What every view of the work queues must tell the watchdog, and do for it."""

from collections.abc import Sequence
from typing import Protocol

import pytest

from awe.commands.log import Appended, EventLog, LogUnavailable, NewEvent, Unit
from awe.commands.queues import Sent, WorkQueues

QUEUE = "default"


class WorkQueuesSite(Protocol):
    """A partition with its queues."""

    @property
    def log(self) -> EventLog: ...

    def queues(self) -> WorkQueues: ...

    def unreachable(self) -> WorkQueues:
        """Queues whose server does not answer."""
        ...

    async def lose(self, sent: Sent) -> None:
        """Lose a message."""
        ...

    async def bodies(self) -> Sequence[bytes]:
        """What the messages of the queue say, as they were sent."""
        ...

    async def archive_and_trim(self) -> None:
        """Let the archive alone hold all but the last event."""
        ...


async def send(log: EventLog, *names: str) -> list[Sent]:
    sent: list[Sent] = []
    for name in names:
        event = NewEvent(f"t:{name}", "awe.task.ready/1", b'{"data":{"n":"%s"}}' % name.encode(), QUEUE)
        outcome = await log.append(Unit(f"append-{name}", "r-00-run", (event,)))
        assert isinstance(outcome, Appended)
        sent.append(Sent(outcome.first, f"append-{name}"))
    return sent


class WorkQueuesContract:
    async def test_i05_what_is_there_is_not_missing(self, site: WorkQueuesSite) -> None:
        sent = await send(site.log, "a", "b")
        assert await site.queues().missing(QUEUE, sent) == []
        assert await site.queues().missing(QUEUE, []) == []

    async def test_i05_what_was_lost_is_missing_and_is_sent_again_as_it_was(
        self, site: WorkQueuesSite
    ) -> None:
        sent = await send(site.log, "a", "b", "c")
        before = sorted(await site.bodies())
        await site.lose(sent[1])
        assert await site.queues().missing(QUEUE, sent) == [sent[1]]
        await site.queues().send_again(QUEUE, [sent[1]])
        assert await site.queues().missing(QUEUE, sent) == []
        assert sorted(await site.bodies()) == before

    async def test_i05_what_only_the_archive_holds_is_sent_again_too(self, site: WorkQueuesSite) -> None:
        sent = await send(site.log, "a", "b")
        await site.lose(sent[0])
        await site.archive_and_trim()
        await site.queues().send_again(QUEUE, [sent[0]])
        assert await site.queues().missing(QUEUE, sent) == []

    async def test_i05_an_event_of_another_append_is_not_sent_in_its_place(
        self, site: WorkQueuesSite
    ) -> None:
        (sent,) = await send(site.log, "a")
        stranger = Sent(sent.n, "an-append-that-was-lost")
        assert await site.queues().missing(QUEUE, [stranger]) == [stranger]
        await site.queues().send_again(QUEUE, [stranger])
        assert len(await site.bodies()) == 1

    async def test_a_server_that_is_away_is_unavailable(self, site: WorkQueuesSite) -> None:
        with pytest.raises(LogUnavailable):
            await site.unreachable().missing(QUEUE, [Sent(1, "a")])
