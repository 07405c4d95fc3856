"""The archiver between real servers: killed anywhere, run twice, asleep through a healing, or behind a lost tail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.adapters.redis_streams.watcher import Watcher
from awe.commands.log import EVENTS_PER_CALL, LogCorrupt, NewEvent, Page, Position
from awe.projections.archiver import Archiver
from awe.projections.errors import ArchiveUnavailable
from awe.projections.ports import HotBatch
from awe.projections.stored import StoredEntry
from awe.projections.verification import verify
from support.kill_points import DeadlyConnections, Killed, KillPoint, deadly_hot_tier
from support.log_work import READY, messages, some_work
from support.running import running
from support.server_process import PostgresProcess, ValkeyProcess
from support.two_tiers import TwoTiers, two_tiers
from support.waiting import until


@pytest.fixture
async def tiers(valkey_url: str, postgres_database: str, keyspace: str) -> AsyncIterator[TwoTiers]:
    async with two_tiers(valkey_url, postgres_database, keyspace) as made:
        await made.heal()
        yield made


async def assert_archived(tiers: TwoTiers) -> None:
    """All that Redis holds stands in the archive, the same and once, and the chain checks."""
    hot, archived = await tiers.hot(), await tiers.archived()
    assert archived[-len(hot) :] == hot
    assert [entry.n for entry in archived] == list(range(1, len(archived) + 1))
    checked = await verify(tiers.connections, tiers.partition, 1, len(archived))
    assert (checked.events, checked.finding) == (len(archived), "")


async def test_batches_follow_each_other_and_the_mark_follows_them(tiers: TwoTiers) -> None:
    archiver = tiers.archiver(batch=4)
    for _ in range(10):
        await tiers.append()
    assert [len(await archiver.step()) for _ in range(4)] == [4, 4, 2, 0]
    assert (await tiers.look()).number("archived") == 10
    await assert_archived(tiers)


@pytest.mark.parametrize(
    ("batch", "archived"),
    [(1, [1, 5, 1, 2, 1]), (3, [1, 5, 3, 1]), (5, [1, 5, 4]), (6, [6, 4]), (8, [7, 3]), (10, [10])],
)
async def test_i06_a_batch_holds_whole_units(tiers: TwoTiers, batch: int, archived: list[int]) -> None:
    """As many as it has room for, or one that is longer than a batch."""
    for count in (1, 5, 1, 2, 1):
        await tiers.append(events=(NewEvent("t:a", "awe.test/1", b"{}"),) * count)
    archiver = tiers.archiver(batch=batch)
    assert [len(await archiver.step()) for _ in archived] == archived
    assert not await archiver.step()
    await assert_archived(tiers)


async def test_i06_the_longest_unit_there_may_be_is_archived_whole(tiers: TwoTiers) -> None:
    for count in (1, EVENTS_PER_CALL, EVENTS_PER_CALL):
        await tiers.append(events=(NewEvent("t:a", "awe.test/1", b"{}"),) * count)
    archiver = tiers.archiver(batch=2)
    assert [len(await archiver.step()) for _ in range(3)] == [1, EVENTS_PER_CALL, EVENTS_PER_CALL]


async def test_i06_a_batch_is_bounded_by_bytes_and_holds_whole_units(tiers: TwoTiers) -> None:
    """Large events, in units of several, come in many batches; one unit at least, and none is torn."""
    large = NewEvent("t:a", "awe.test/1", b'"%b"' % (b"x" * 200_000))
    for count in (1, 1, 3, 4, 1, 1, 1):
        await tiers.append(events=(large,) * count)
    batches = await all_batches(tiers, tiers.archiver(batch_bytes=650_000))
    assert batches == [2, 3, 4, 3]
    await assert_archived(tiers)


async def test_a_large_backlog_is_read_in_small_parts(tiers: TwoTiers) -> None:
    sent: list[int] = []

    class Counting(RedisHotTier):
        async def _look(self, after: int, count: int) -> HotBatch:
            batch = await super()._look(after, count)
            sent.append(len(batch.entries))
            return batch

    for _ in range(30):
        await tiers.append(events=(NewEvent("t:a", "awe.test/1", b'"%b"' % (b"x" * 240_000)),) * 4)
    for _ in range(3):
        await tiers.append(events=(NewEvent("t:a", "awe.test/1", b"{}"),) * 400)
    batches = await all_batches(tiers, tiers.archiver(Counting(tiers.client, tiers.partition)))
    assert max(batches[:3]) == 32, "8 MB, in units of four"
    assert sum(batches) == 30 * 4 + 3 * 400
    assert max(sent[:4]) <= 34, "little is read for nothing"
    await assert_archived(tiers)


async def all_batches(tiers: TwoTiers, archiver: Archiver) -> list[int]:
    """How many events each batch of the archiver has, until all are archived."""
    found: list[int] = []
    while sum(found) < (await tiers.look()).last:
        found.append(len(await archiver.step()))
    return found


async def test_an_archiver_that_saw_more_than_a_batch_goes_on_at_once(tiers: TwoTiers) -> None:
    """A batch that is cut at a unit's end has fewer events than it may, and is not the rest."""
    for _ in range(4):
        await tiers.append(events=(NewEvent("t:a", "awe.test/1", b"{}"),) * 3)
    async with running(tiers.archiver(batch=4, linger_s=3_600).run()):
        await until_archived(tiers, 12)


async def test_lone_events_are_archived_together_once_a_linger(tiers: TwoTiers) -> None:
    """Each look costs as much as a hundred events; only an archiver with nothing to do waits to be told of one."""
    calls: list[str] = []

    class Observed(RedisHotTier):
        async def read(self, after: int, limit: int, most_bytes: int | None = None) -> HotBatch:
            calls.append("read")
            return await super().read(after, limit, most_bytes)

        async def wait(self, after: int) -> None:
            calls.append("wait")
            await super().wait(after)

    loop, linger_s = asyncio.get_running_loop(), 0.1
    async with running(tiers.archiver(Observed(tiers.client, tiers.partition), linger_s=linger_s).run()):
        await until(lambda: "wait" in calls)
        began_s = loop.time()
        for _ in range(50):
            await tiers.append()
            await asyncio.sleep(0.01)
        await until_archived(tiers, 50)
        lingers = (loop.time() - began_s) / linger_s
    assert calls.count("read") <= lingers + 2
    assert calls.count("wait") <= 2, "one before the first event, one when no more came"
    await assert_archived(tiers)


async def test_i03_an_archiver_killed_at_any_call_is_followed_by_one_that_goes_on(tiers: TwoTiers) -> None:
    killed: list[str] = []
    while True:
        await some_work_without_messages(tiers)
        point = KillPoint(len(killed) + 1)
        dying = tiers.archiver(
            deadly_hot_tier(RedisHotTier(tiers.client, tiers.partition), point),
            DeadlyConnections(tiers.connections, point),
            window_s=0,
        )
        try:
            while await dying.step():
                pass
        except Killed as at:
            killed.append(str(at))
        else:
            break
        await tiers.archive_all()
        await assert_archived(tiers)
        assert (await tiers.look()).number("archived") == (await tiers.look()).last
    assert {"read", "execute", "mark_archived", "trim"} == set(killed)


async def some_work_without_messages(tiers: TwoTiers) -> None:
    await tiers.append("busy", claims=1)
    await tiers.append("busy", events=(NewEvent("t:a", "awe.task.noted/1", b"{}"),) * 3, claims=-1)


async def test_i03_a_zombie_archiver_writes_nothing_after_a_healing_began(tiers: TwoTiers) -> None:
    await tiers.append()
    zombie = tiers.archiver()
    await zombie.step()
    await tiers.append()

    class Asleep(RedisHotTier):
        """Reads a batch, then sleeps until the partition was lost and healed."""

        async def read(self, after: int, limit: int, most_bytes: int | None = None) -> HotBatch:
            batch = await super().read(after, limit, most_bytes)
            if limit > 1:
                await tiers.redis("DEL", tiers.keys.log, tiers.keys.meta)
                await tiers.heal()
                await tiers.append(events=(NewEvent("t:a", "awe.test.other/1", b"[]"),))
            return batch

    assert await tiers.archiver(Asleep(tiers.client, tiers.partition)).step() == ()
    assert [entry.n for entry in await tiers.archived()] == [1]
    await tiers.archive_all()
    assert [entry.type for entry in await tiers.archived()] == [b"awe.test/1", b"awe.test.other/1"]
    await assert_archived(tiers)


async def test_i03_two_archivers_at_once_archive_everything_once(tiers: TwoTiers) -> None:
    async with (
        tiers.twin() as rival,
        running(*(each.archiver(linger_s=0, batch=3).run() for each in (tiers, rival))),
    ):
        for _ in range(20):
            await tiers.append()
        await until_archived(tiers, 20)
    await assert_archived(tiers)


async def until_archived(tiers: TwoTiers, n: int) -> None:
    async with asyncio.timeout(60):
        while not any(entry.n == n for entry in await archived_now(tiers)):  # noqa: ASYNC110 - no signal comes
            await asyncio.sleep(0.01)


async def archived_now(tiers: TwoTiers) -> Sequence[StoredEntry]:
    """Nothing while Postgres is away."""
    try:
        return await tiers.archived()
    except ArchiveUnavailable:
        return ()


async def test_i06_an_archive_that_lost_its_tail_is_filled_again_before_anything_is_trimmed(
    tiers: TwoTiers,
) -> None:
    archiver = tiers.archiver(batch=3)
    for _ in range(9):
        await tiers.append()
    await archiver.step()

    async def the_rest() -> None:
        while await archiver.step():
            pass

    await lose_archive_tail_after(tiers, 3, the_rest)
    assert (await tiers.look()).number("archived") == 9
    await tiers.append()
    assert await archiver.step() == (), "fenced: it believed in another head"
    await the_rest()
    await assert_archived(tiers)
    assert len(await tiers.archived()) == 10


async def lose_archive_tail_after(
    tiers: TwoTiers, n: int, meanwhile: Callable[[], Awaitable[object]]
) -> None:
    """What a failover of Postgres to a standby does that lags: the archive is what it was at `n`."""
    await tiers.sql("CREATE SCHEMA kept")
    tables = ("partition", "event", "checkpoint", "open_run", "open_message", "reactor")
    for table in tables:
        await tiers.sql(f"CREATE TABLE kept.{table} AS TABLE awe.{table}")
    await meanwhile()
    await tiers.sql("ALTER TABLE awe.epoch DROP CONSTRAINT epoch_partition_fkey")
    for table in tables:
        await tiers.sql(f"TRUNCATE awe.{table}")
        await tiers.sql(f"INSERT INTO awe.{table} TABLE kept.{table}")
    assert (await tiers.archived())[-1].n == n


async def test_i06_an_archive_that_lost_its_epoch_too_gets_a_higher_one(tiers: TwoTiers) -> None:
    for _ in range(3):
        await tiers.append()
    await tiers.archive_all()
    await tiers.redis("HSET", tiers.keys.meta, "run_id", "0" * 40)
    await lose_archive_tail_after(tiers, 3, tiers.heal)
    await tiers.append()
    assert await tiers.archiver().step() == ()
    assert not (await tiers.look()).is_open, "it asks for a healing, which raises the epoch above both"
    assert (await tiers.heal()).epoch == 3
    await tiers.archive_all()
    await assert_archived(tiers)


async def test_i06_events_in_neither_tier_stop_the_partition_which_says_which(tiers: TwoTiers) -> None:
    for _ in range(6):
        await tiers.append()
    await tiers.redis("XTRIM", tiers.keys.log, "MINID", "4-0")
    await tiers.archiver().step()
    with pytest.raises(LogCorrupt):
        await tiers.append()
    assert "events 1..3 are in neither Redis nor Postgres" in (await tiers.look()).meta["report"]
    assert await tiers.archived() == []


async def test_i06_a_hole_in_the_log_stops_the_partition(tiers: TwoTiers) -> None:
    for _ in range(6):
        await tiers.append()
    await tiers.redis("XDEL", tiers.keys.log, "3-0")
    await tiers.archiver().step()
    assert "misses events between 1 and 6" in (await tiers.look()).meta["report"]
    assert await tiers.archived() == []


async def test_i30_what_does_not_continue_the_chain_is_not_archived(tiers: TwoTiers) -> None:
    for _ in range(3):
        await tiers.append()
    await tiers.archive_all()
    await tiers.redis("DEL", tiers.keys.log)
    for n in (3, 4):
        await tiers.redis(
            "XADD", tiers.keys.log, f"{n}-0", "t", "x/1", "m", f"r\tt:a\t{n}\tap\t0\t1", "b", "{}"
        )
    await tiers.redis("HSET", tiers.keys.meta, "n", 4)
    assert await tiers.archiver().step() == ()
    assert "event 3 differs between Redis and Postgres" in (await tiers.look()).meta["report"]
    assert len(await tiers.archived()) == 3


async def test_i07_the_log_is_trimmed_behind_the_archive_only_and_keeps_its_last_entry(
    tiers: TwoTiers,
) -> None:
    archiver = tiers.archiver(batch=4, window_s=0)
    for _ in range(10):
        await tiers.append()
    await archiver.step()
    assert [entry.n for entry in await tiers.hot()] == [4, 5, 6, 7, 8, 9, 10]
    archiver = tiers.archiver(window_s=0)
    await archiver.step()
    assert [entry.n for entry in await tiers.hot()] == [10]
    assert (await tiers.append()).first == 11
    page = await tiers.log.read(Position(0, 1), EVENTS_PER_CALL)
    assert isinstance(page, Page)
    events = list(page.events)
    while events[-1].n < 11:
        page = await tiers.log.read(page.position)
        assert isinstance(page, Page)
        events += page.events
    assert [event.n for event in events] == list(range(1, 12))


async def test_i07_nothing_is_trimmed_before_its_window_is_over_or_by_another_epoch(tiers: TwoTiers) -> None:
    for _ in range(5):
        await tiers.append()
    await tiers.archiver(window_s=60).step()
    hot = RedisHotTier(tiers.client, tiers.partition)
    await hot.trim(5, epoch=99)
    assert len(await tiers.hot()) == 5
    await hot.trim(1_000, epoch=1)
    assert [entry.n for entry in await tiers.hot()] == [5]


async def test_i05_what_the_archive_says_is_owed_is_what_the_log_owes(tiers: TwoTiers) -> None:
    await some_work(tiers)
    archiver = tiers.archiver(batch=2)
    while await archiver.step():
        pass
    async with tiers.connections.connection() as connection:
        cursor = await connection.execute("SELECT run, claims FROM awe.open_run")
        assert await cursor.fetchall() == [("busy", 1)]
        cursor = await connection.execute("SELECT run FROM awe.open_message ORDER BY n")
        assert await cursor.fetchall() == [("busy",), ("waiting",)]
        cursor = await connection.execute("SELECT reactor, n, epoch FROM awe.reactor")
        assert await cursor.fetchall() == [("scheduler", 13, 1)]


@pytest.mark.parametrize("batch", [1, 2, 1_000])
async def test_i02_i05_an_ack_of_what_was_lost_spares_what_stands_in_its_place(
    tiers: TwoTiers, batch: int
) -> None:
    """However the log is cut into batches, the archive owes what a fold of the entries owes."""
    sent = [await tiers.append(f"r-{index}", events=(READY,)) for index in range(2)]
    first, second = await messages(tiers)
    lost = first._replace(append_id="lost", message_id="0-1")
    await tiers.append("r-0", acks=(lost,))
    await tiers.append("r-1", acks=(second, lost._replace(n=sent[1].first)))
    archiver = tiers.archiver(batch=batch)
    while await archiver.step():
        pass
    async with tiers.connections.connection() as connection:
        cursor = await connection.execute("SELECT n, append_id, run FROM awe.open_message")
        assert await cursor.fetchall() == [(first.n, first.append_id, "r-0")]
    await tiers.redis("DEL", tiers.keys.meta, tiers.keys.queue("local"))
    await tiers.heal()
    assert [(each.n, each.append_id) for each in await messages(tiers)] == [(first.n, first.append_id)]


async def test_an_outage_of_either_server_is_waited_out(
    own_valkey: ValkeyProcess, own_postgres: PostgresProcess
) -> None:
    async with two_tiers(own_valkey.url, own_postgres.url, "awe.00") as tiers:
        await tiers.heal()
        watcher = Watcher(tiers.client, tiers.connections, tiers.healer(), [tiers.partition], every_s=0.02)
        async with running(watcher.run(), tiers.archiver(linger_s=0).run()):
            await tiers.append()
            await until_archived(tiers, 1)
            own_postgres.kill9()
            await tiers.append()
            own_postgres.start()
            await until_archived(tiers, 2)
            own_valkey.kill9()
            own_valkey.start()
            await tiers.append()
            await until_archived(tiers, 3)
        await assert_archived(tiers)
