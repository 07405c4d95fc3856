"""Opening a partition: what is restored, in which order, and that any step may be the last (I1-I6)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from awe.adapters.redis_streams import healing_turn
from awe.commands.log import LogCorrupt, Page, Position, Rewound
from awe.projections import archive_reader
from support.log_work import messages, some_work
from support.two_tiers import Killed, TwoTiers, killed_after, two_tiers

STEPS_ALWAYS = ("settled", "epoch begun", "closed", "compared", "epoch started", "opened")
STEPS_OF_A_REBUILD = (
    "marked",
    "wiped",
    "log restored",
    "runs restored",
    "positions restored",
    "queues restored",
)


@pytest.fixture
async def tiers(valkey_url: str, postgres_database: str, keyspace: str) -> AsyncIterator[TwoTiers]:
    async with two_tiers(valkey_url, postgres_database, keyspace) as made:
        yield made


async def lose_redis(tiers: TwoTiers) -> None:
    """What FLUSHALL does, to this partition alone."""
    for key in await tiers.redis("KEYS", f"{{{tiers.partition}}}:*"):
        await tiers.redis("DEL", key)


async def restart(tiers: TwoTiers) -> None:
    """What a restart does to a partition: the server has another identity than the one stored."""
    await tiers.redis("HSET", tiers.keys.meta, "run_id", "0" * 40)


async def test_a_new_partition_opens_in_epoch_1_and_takes_appends(tiers: TwoTiers) -> None:
    assert (await tiers.heal()).epoch == 1
    assert (await tiers.append()).position == Position(1, 1)
    assert (await tiers.heal()).epoch == 1, "open and under its server: nothing to heal"


async def test_i02_every_restart_opens_a_new_epoch_also_when_nothing_was_lost(tiers: TwoTiers) -> None:
    await tiers.heal()
    await some_work(tiers)
    before = await tiers.derived()
    for epoch in (2, 3):
        await restart(tiers)
        assert not (await tiers.look()).is_open
        assert (await tiers.heal()).epoch == epoch
    assert await tiers.derived() == before
    assert await tiers.redis("HGETALL", tiers.keys.epochs) == {
        b"1": b"1",
        b"2": str((await tiers.look()).last + 1).encode(),
        b"3": str((await tiers.look()).last + 1).encode(),
    }


@pytest.mark.parametrize("step", STEPS_ALWAYS)
async def test_i03_a_healer_killed_after_any_step_is_repeated(tiers: TwoTiers, step: str) -> None:
    await tiers.heal()
    await some_work(tiers)
    await tiers.archive_all()
    await tiers.append("busy", "t:b")
    before, head = await tiers.derived(), (await tiers.look()).last
    await restart(tiers)
    with pytest.raises(Killed):
        await tiers.healer(killed_after(step)).heal(tiers.partition)
    done = await tiers.heal()
    assert (done.epoch, done.n) == ({"settled": 2, "opened": 2}.get(step, 3), head)
    assert await tiers.derived() == before
    assert (await tiers.append()).first == head + 1


@pytest.mark.parametrize("step", [*STEPS_ALWAYS, *STEPS_OF_A_REBUILD])
async def test_i03_i05_a_lost_hot_tier_is_rebuilt_whichever_step_the_healer_dies_after(
    tiers: TwoTiers, step: str
) -> None:
    await tiers.heal()
    await some_work(tiers)
    before = await tiers.derived()
    head = await tiers.archive_all()
    await lose_redis(tiers)
    with pytest.raises(Killed):
        await tiers.healer(killed_after(step)).heal(tiers.partition)
    assert (await tiers.heal()).n == head
    after = await tiers.derived()
    done = {tiers.keys.index("done"), tiers.keys.counters("done")}
    assert after == {key: value for key, value in before.items() if key not in done}
    assert (await tiers.append()).first == head + 1


async def test_i05_a_worker_keeps_the_message_it_holds_when_queues_are_rebuilt(tiers: TwoTiers) -> None:
    await tiers.heal()
    await some_work(tiers)
    await tiers.archive_all()
    queue = tiers.keys.queue("local")
    await tiers.redis("XGROUP", "CREATE", queue, "workers", "0")
    held, lost = await messages(tiers)
    await tiers.redis("XREADGROUP", "GROUP", "workers", "one", "COUNT", "1", "STREAMS", queue, ">")
    await tiers.redis("XDEL", queue, lost.message_id)
    await tiers.redis("XADD", queue, "*", "__data__", '{"n":77,"append":"never"}')
    await tiers.redis("HSET", tiers.keys.meta, "state", "halted")
    await tiers.heal()
    found = await messages(tiers)
    assert found[0] == held
    assert [each.n for each in found] == [held.n, lost.n]
    assert (await tiers.redis("XPENDING", queue, "workers"))["pending"] == 1


async def test_i04_a_run_that_owes_nothing_is_cold_not_new(tiers: TwoTiers) -> None:
    await tiers.heal()
    await some_work(tiers)
    await tiers.archive_all()
    await lose_redis(tiers)
    await tiers.heal()
    assert not await tiers.redis("EXISTS", tiers.keys.index("done"))
    assert (await tiers.append("done", "t:b", absent_at=0)).count == 1
    assert len((await tiers.log.history("done")).events) == 7
    assert (await tiers.redis("HGET", tiers.keys.index("done"), "t:b")).startswith(b"2;")
    assert await tiers.redis("HGET", tiers.keys.counters("done"), "s:calls") == b"1"


async def test_i02_i16_archived_positions_are_never_reused_and_lost_ones_are_told(tiers: TwoTiers) -> None:
    await tiers.heal()
    for _ in range(5):
        await tiers.append()
    await tiers.archive_all()
    lost = [await tiers.append() for _ in range(3)][-1].position
    await lose_redis(tiers)
    assert (await tiers.heal()).n < lost.n
    assert (await tiers.append()).position == Position(6, 2)
    assert await tiers.log.read(lost) == Rewound(Position(5, 2))
    page = await tiers.log.read(Position(5, 1))
    assert isinstance(page, Page)
    assert [event.n for event in page.events] == [6]


async def test_i03_two_healers_at_once_have_one_winner(
    tiers: TwoTiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(healing_turn, "PATIENCE_S", 0)  # taking turns only saves work
    await tiers.heal()
    await some_work(tiers)
    head = await tiers.archive_all()
    await lose_redis(tiers)
    begun = asyncio.Event()

    async def slow(step: str) -> None:
        if step == "log restored":
            begun.set()
            await asyncio.sleep(0.05)  # the other is in the middle of its own work

    async with tiers.twin() as rival:
        first = asyncio.create_task(tiers.healer(slow).heal(tiers.partition))
        await begun.wait()
        second = await rival.heal()
        done = await first
    assert done == second
    assert done.n == head
    assert (await tiers.look()).number("token") == done.epoch
    assert (await tiers.append()).position == Position(head + 1, done.epoch)


async def test_a_second_healer_waits_for_its_turn_and_then_finds_the_partition_open(tiers: TwoTiers) -> None:
    async with tiers.twin() as rival:
        healer = tiers.healer()
        done = await asyncio.gather(
            *(each.heal(tiers.partition) for each in (healer, rival.healer(), healer))
        )
    assert {each.epoch for each in done} == {1}


async def test_i08_half_a_unit_is_taken_back_and_what_is_derived_is_made_anew(tiers: TwoTiers) -> None:
    await tiers.heal()
    await some_work(tiers)
    before, n = await tiers.derived(), (await tiers.look()).last
    await tiers.redis(
        "XADD", tiers.keys.log, f"{n + 1}-0", "t", "awe.test/1", "m", "busy\tt:z\t1\tap\t0\t1", "b", "{}"
    )
    await tiers.redis("HSET", tiers.keys.index("busy"), "t:z", f"1;ap@{n + 1}+1")
    await tiers.redis("HSET", tiers.keys.meta, "state", "halted")
    assert (await tiers.heal()).n == n
    assert len(await tiers.hot()) == n
    assert await tiers.derived() == before
    assert (await tiers.append()).first == n + 1


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (
            "UPDATE awe.event SET digest = sha256('x') WHERE n = 3; UPDATE awe.partition SET chain = sha256('x')",
            "event 3 differs",
        ),
        ("UPDATE awe.partition SET chain = sha256('x')", "the archive's own chain does not check"),
        (
            "DELETE FROM awe.event WHERE n = 3; UPDATE awe.partition SET chain = sha256('x')",
            "Postgres misses events",
        ),
    ],
)
async def test_i01_a_difference_anywhere_in_the_overlap_stops_the_partition(
    tiers: TwoTiers, harm: str, told: str
) -> None:
    await tiers.heal()
    for _ in range(6):
        await tiers.append()
    await tiers.archive_all()
    await tiers.append()
    for statement in harm.split("; "):
        await tiers.sql(statement)
    await restart(tiers)
    with pytest.raises(LogCorrupt, match=told) as stopped:
        await tiers.heal()
    assert tiers.partition in str(stopped.value)
    assert "backup" in str(stopped.value)
    found = await tiers.look()
    assert found.waits_for_a_person
    assert found.meta["report"] == str(stopped.value)


async def test_i01_a_changed_entry_in_the_hot_log_is_named_and_a_repaired_one_opens_again(
    tiers: TwoTiers,
) -> None:
    await tiers.heal()
    for _ in range(6):
        await tiers.append()
    await tiers.archive_all()
    entries = await tiers.hot()
    await tiers.redis("DEL", tiers.keys.log)
    for n, kind, meta, body in entries:
        await tiers.redis(
            "XADD", tiers.keys.log, f"{n}-0", "t", kind, "m", meta, "b", b"x" if n == 2 else body
        )
    await restart(tiers)
    with pytest.raises(LogCorrupt, match="event 2 differs between Redis and Postgres"):
        await tiers.heal()
    await tiers.redis("DEL", tiers.keys.log)
    for n, kind, meta, body in entries:
        await tiers.redis("XADD", tiers.keys.log, f"{n}-0", "t", kind, "m", meta, "b", body)
    assert (await tiers.heal()).n == 6
    assert "report" not in (await tiers.look()).meta
    assert (await tiers.append()).first == 7


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ((4,), "misses events 4..4 within"),
        ((1, 2), "events 1..2 are in neither"),
        ((5, 6), "events 5..6 are in neither"),
    ],
)
async def test_i06_events_that_neither_tier_has_are_named(
    tiers: TwoTiers, gone: tuple[int, ...], told: str
) -> None:
    await tiers.heal()
    for _ in range(6):
        await tiers.append()
    for n in gone:
        await tiers.redis("XDEL", tiers.keys.log, f"{n}-0")
    await restart(tiers)
    with pytest.raises(LogCorrupt, match=told):
        await tiers.heal()


async def test_i19_an_installation_with_another_number_of_partitions_is_refused(tiers: TwoTiers) -> None:
    await tiers.heal()
    await tiers.redis("HSET", tiers.keys.meta, "partitions", 16)
    await restart(tiers)
    with pytest.raises(LogCorrupt, match="with 16 partitions, not 1: set AWE_PARTITIONS=16"):
        await tiers.heal()


async def test_i09_a_layout_this_release_does_not_know_is_refused(tiers: TwoTiers) -> None:
    await tiers.heal()
    await tiers.redis("HSET", tiers.keys.meta, "layout", 99)
    with pytest.raises(LogCorrupt, match="layout 99"):
        await tiers.heal()


async def test_i10_time_does_not_go_back_with_a_healing(tiers: TwoTiers) -> None:
    await tiers.heal()
    await tiers.redis("HSET", tiers.keys.meta, "time", 9_000_000_000_000)
    late = (await tiers.append()).time_ms
    await tiers.archive_all()
    await lose_redis(tiers)
    await tiers.heal()
    assert (await tiers.append()).time_ms >= late


async def test_partitions_do_not_touch_each_other(tiers: TwoTiers) -> None:
    await tiers.heal()
    await some_work(tiers)
    head = await tiers.archive_all()
    before = await tiers.derived()
    async with two_tiers(tiers.redis_url, tiers.postgres_url, f"{tiers.partition}.b") as other:
        await other.heal()
        await some_work(other)
        await other.archive_all()
        await lose_redis(other)
        await other.heal()
        async with other.connections.connection() as connection:
            assert await archive_reader.open_runs(connection, other.partition) == ["busy", "waiting"]
    assert await tiers.derived() == before
    assert (await tiers.append()).first == head + 1
