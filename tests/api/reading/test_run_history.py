"""While the log cannot be asked, a run is told as far as Postgres knows it, and it is said that this may be old."""

import pytest

from awe.api.reading.run_history import NOTHING, history
from awe.api.reading.run_views import load, shown
from awe.commands.log import LogUnavailable
from awe.domain.run.state import RunStatus
from support.reading_room import ReadingRoom, reading_room, run_id
from support.run_entries import goal, planned
from support.server_process import ValkeyProcess

RUN = run_id(1)


async def close(room: ReadingRoom) -> None:
    """Redis came back with nothing, and nobody has healed it yet."""
    await room.tiers.redis("DEL", *await room.tiers.redis("KEYS", f"{{{room.partition}}}*"))


async def test_both_tiers_tell_all(room: ReadingRoom) -> None:
    await room.happen(RUN, ("run", goal()))
    await room.project()
    await room.happen(RUN, *planned({"id": "a"})[1:])
    found = await history(room.sources, room.partition, RUN)
    assert ([event.n for event in found.events], found.stale) == ([1, 2, 3], "")
    assert found.position == await room.tiers.log.head()
    assert not (await history(room.sources, room.partition, run_id(2))).events


async def test_the_archive_tells_what_it_has(room: ReadingRoom) -> None:
    await room.happen(RUN, ("run", goal()))
    await room.project()
    await close(room)
    found = await history(room.sources, room.partition, RUN)
    assert ([event.n for event in found.events], found.position) == ([1], None)
    assert "may be older" in found.stale
    with pytest.raises(LogUnavailable):
        await history(room.sources, room.partition, run_id(2))
    await room.sql("ALTER TABLE awe.event RENAME TO lost")
    with pytest.raises(LogUnavailable):
        await history(room.sources, room.partition, RUN)


async def test_a_partition_that_nobody_ever_opened(
    valkey_url: str, postgres_database: str, keyspace: str
) -> None:
    async with reading_room(valkey_url, postgres_database, keyspace) as room:
        await close(room)
        await room.sql("DELETE FROM awe.epoch; DELETE FROM awe.partition")
        assert await history(room.sources, room.partition, RUN) == NOTHING
        seen = await shown(room.sources, room.partition, RUN, room.blobs)
        assert (seen.view.status, seen.stale) == (RunStatus.ABSENT, "")


async def test_a_run_is_shown_as_the_read_models_have_it(room: ReadingRoom) -> None:
    await room.happen(RUN, *planned({"id": "a"}))
    await room.project()
    before = await load(room.tiers.log, RUN, room.blobs)
    await close(room)
    seen = await shown(room.sources, room.partition, RUN, room.blobs)
    assert (seen.view.status, seen.view.n, seen.view.plan) == (before.status, before.n, before.plan)
    assert "may be older" in seen.stale
    with pytest.raises(LogUnavailable):
        await shown(room.sources, room.partition, run_id(2), room.blobs)
    await room.sql("DROP SCHEMA awe_read CASCADE")
    with pytest.raises(LogUnavailable):
        await shown(room.sources, room.partition, RUN, room.blobs)


async def test_a_log_that_is_away(own_valkey: ValkeyProcess, postgres_database: str, keyspace: str) -> None:
    async with reading_room(own_valkey.url, postgres_database, keyspace) as room:
        await room.happen(RUN, *planned({"id": "a"}))
        await room.project()
        own_valkey.kill9()
        assert (await shown(room.sources, room.partition, RUN, room.blobs)).stale
        assert (await history(room.sources, room.partition, RUN)).stale
        own_valkey.start()
