"""Pages of a run's events are its history cut in pieces, wherever its events are; each is read without the others."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from psycopg import AsyncConnection

from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.api.reading import event_pages
from awe.api.reading.event_pages import EventPage, event_page
from awe.commands.log import Page, Position, RunHistory
from awe.projections.ports import Connections
from support.reading_room import ReadingRoom, run_id
from support.task_events import ready

RUN: Final = run_id(1)
OTHER: Final = run_id(2)


class Counting:
    """The log and the archive of a room, counting what is read of them."""

    def __init__(self, room: ReadingRoom) -> None:
        self.room = room
        self.rows = 0
        """Rows of the archive's events that Postgres looked at."""
        self.entries = 0
        self.histories = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.room.tiers.log, name)

    async def read(self, after: Position, limit: int = 500) -> Any:
        found = await self.room.tiers.log.read(after, limit)
        self.entries += len(found.events) if isinstance(found, Page) else 0
        return found

    async def history(self, run: str, aggregate: str | None = None) -> RunHistory:
        self.histories += 1
        return await self.room.tiers.log.history(run, aggregate)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[AsyncConnection[Any]]:
        async with self.room.reads.connection() as connection, connection.transaction():
            yield connection
            cursor = await connection.execute(
                """
                SELECT pg_stat_get_xact_tuples_fetched(of) + pg_stat_get_xact_tuples_returned(of)
                FROM (SELECT 'awe.event'::regclass AS of)
                """
            )
            ((rows,),) = await cursor.fetchall()
            self.rows += rows


async def happened(room: ReadingRoom, count: int, run: str = RUN) -> None:
    await room.happen(run, *[("a", ready())] * count)


async def paged(
    room: ReadingRoom, after: int, limit: int, reads: Connections | None = None
) -> EventPage | None:
    return await event_page(room.tiers.log, reads or room.reads, RUN, after, limit)


async def same_as_history(room: ReadingRoom, after: int, limit: int) -> None:
    """The page is what the whole history has behind the position."""
    log: Any = room.tiers.log
    whole = await event_pages._whole(log, RUN, after, limit)  # pyright: ignore[reportPrivateUsage]
    assert await paged(room, after, limit) == whole


async def trim(room: ReadingRoom, n: int) -> None:
    await RedisHotTier(room.tiers.client, room.partition).trim(n, 1)


async def test_a_page_is_read_without_the_others(room: ReadingRoom) -> None:
    for _ in range(10):
        await happened(room, 100)
        await happened(room, 100, OTHER)
    await room.project()
    await room.sql("ANALYZE awe.event")
    counting = Counting(room)
    log: Any = counting
    page = await event_page(log, counting, RUN, 850, 50)
    assert page is not None
    assert ([event.n for event in page.events], page.more) == (list(range(851, 901)), True)
    assert counting.rows <= 50 + 2, "the page, one more that tells of more, and one to know the run by"
    assert (counting.entries, counting.histories) == (0, 0)

    await happened(room, 30)
    tail = await event_page(log, counting, RUN, page.position.n, 1_000)
    assert tail is not None
    assert (len(tail.events), tail.more) == (530, False)
    assert (counting.entries, counting.histories) == (30, 0)


async def test_pages_are_the_history_while_events_move_to_the_archive(room: ReadingRoom) -> None:
    for _ in range(12):
        await happened(room, 5)
        await happened(room, 2, OTHER)
    seen: list[Any] = []
    after, more, archiver = 0, True, room.tiers.archiver(batch=10)
    while more:
        page = await paged(room, after, 4)
        assert page is not None
        seen += page.events
        after, more = page.position.n, page.more
        if len(seen) % 8 == 0:
            await archiver.step()
            await trim(room, (await room.tiers.archived())[-1].n)
        if len(seen) == 20:
            await happened(room, 3)
    assert seen == (await room.tiers.log.history(RUN)).events
    assert after == (await room.tiers.log.head()).n


@pytest.mark.parametrize("archived", [0, 7, 20, 28])
async def test_any_page_is_cut_out_of_the_history(room: ReadingRoom, archived: int) -> None:
    for _ in range(4):
        await happened(room, 4)
        await happened(room, 3, OTHER)
    archiver = room.tiers.archiver(batch=7)
    for _ in range(archived // 7):
        await archiver.step()
    if archived == 20:
        await trim(room, 14)
    for after in range(0, 29, 3):
        for limit in (1, 3, 16, 100):
            await same_as_history(room, after, limit)


async def test_all_of_a_run_is_asked_for_where_a_page_cannot_be_had_alone(
    room: ReadingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    await happened(room, 6)
    await room.project()
    await happened(room, 6)
    counting = Counting(room)
    log: Any = counting

    async def told(times: int, after: int = 3) -> Sequence[int]:
        page = await event_page(log, counting, RUN, after, 100)
        assert page is not None
        assert counting.histories == times
        return [event.n for event in page.events]

    assert await told(0) == list(range(4, 13))
    monkeypatch.setattr(event_pages, "_NEAR", 3)
    assert await told(1) == list(range(4, 13)), "too much is not archived yet"
    monkeypatch.undo()
    await room.sql("UPDATE awe.partition SET epoch = epoch + 1")
    assert await told(2) == list(range(4, 13)), "a healing has begun"
    await room.sql("UPDATE awe.partition SET epoch = epoch - 1; DELETE FROM awe.event")
    assert await told(3, after=12) == [], "known to the log alone, and all of it before the page"
    await room.sql("ALTER TABLE awe.event RENAME TO lost")
    assert await told(4, after=6) == list(range(7, 13)), "the archive is away"


async def test_a_run_that_never_was(room: ReadingRoom) -> None:
    assert await paged(room, 0, 5) is None
    await happened(room, 3, OTHER)
    await room.project()
    assert await paged(room, 0, 5) is None
    assert await paged(room, 2, 5) is None


async def test_i16_what_is_lost_meanwhile_is_in_no_page(
    room: ReadingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    await happened(room, 4)
    await room.project()
    await happened(room, 2)
    log: Any = type(room.tiers.log)
    read, lost = log.read, list[Position]()

    async def losing(self: Any, after: Position, *more: Any) -> Any:
        if not lost:
            lost.append(after)
            await RedisHotTier(room.tiers.client, room.partition).close(1)
            await room.tiers.redis("DEL", room.tiers.keys.log)  # only what was archived is left
            await room.tiers.redis("DEL", room.tiers.keys.meta)
            await room.tiers.redis("DEL", room.tiers.keys.index(RUN))
            await room.tiers.heal()
            await happened(room, 1)
        return await read(self, after, *more)

    monkeypatch.setattr(log, "read", losing)
    page = await paged(room, 0, 100)
    assert page is not None
    history = await room.tiers.log.history(RUN)
    assert lost
    assert (page.events, page.position) == (history.events, history.position)
    assert page.position.epoch > 1
