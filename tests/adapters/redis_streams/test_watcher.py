"""The watcher heals what is closed, tells the pressure, drops cold indexes, and leaves to people what is theirs."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from awe.adapters.redis_streams.dropping import drop_cold_runs
from awe.adapters.redis_streams.steps import drive_async
from awe.adapters.redis_streams.watcher import Watcher
from awe.commands.log import NEW_RUN, Admission, NewEvent, Pressure, Unit
from support.log_work import some_work
from support.server_process import ValkeyProcess
from support.two_tiers import TwoTiers, two_tiers


@pytest.fixture
async def tiers(valkey_url: str, postgres_database: str, keyspace: str) -> AsyncIterator[TwoTiers]:
    async with two_tiers(valkey_url, postgres_database, keyspace) as made:
        yield made


def watcher(tiers: TwoTiers) -> Watcher:
    return Watcher(tiers.client, tiers.connections, tiers.healer(), [tiers.partition])


async def test_i02_a_partition_is_healed_when_its_server_is_another(tiers: TwoTiers) -> None:
    watching = watcher(tiers)
    for epoch in (1, 2, 3):
        await watching.step()
        found = await tiers.look()
        assert (found.is_open, found.number("epoch")) == (True, epoch)
        await watching.step()
        assert (await tiers.look()).number("epoch") == epoch
        await tiers.redis("HSET", tiers.keys.meta, "replid", "0" * 40)


async def test_i08_a_halted_partition_is_healed_but_not_one_that_waits_for_a_person(
    tiers: TwoTiers, caplog: pytest.LogCaptureFixture
) -> None:
    watching = watcher(tiers)
    await watching.step()
    await tiers.redis("HSET", tiers.keys.meta, "state", "halted")
    await watching.step()
    assert (await tiers.look()).is_open
    await tiers.redis("HSET", tiers.keys.meta, "state", "halted", "report", "event 3 differs")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await watching.step()
    assert not (await tiers.look()).is_open
    assert [record.message for record in caplog.records].count(
        f"partition {tiers.partition} is not open: event 3 differs"
    ) == 1, "told once, not each second"


async def test_i07_the_pressure_is_the_share_of_memory_used_and_none_without_a_limit(
    server_home: Path, postgres_database: str
) -> None:
    with ValkeyProcess(server_home / "small") as server:
        async with two_tiers(server.url, postgres_database, "awe.00") as tiers:
            watching = watcher(tiers)
            await watching.step()
            assert (await tiers.look()).number("pressure") == 0
            await tiers.redis("CONFIG", "SET", "maxmemory", "1mb")
            await watching.step()
            assert (await tiers.look()).number("pressure") == 100
            refused = await tiers.log.append(
                Unit(
                    "one", "r", (NewEvent("t:a", "x/1", b"{}"),), admission=Admission.CLAIM, absent_at=NEW_RUN
                )
            )
            assert isinstance(refused, Pressure)
            await tiers.redis("CONFIG", "SET", "maxmemory", "1gb")
            await watching.step()
            assert (await tiers.look()).number("pressure") < 10


async def test_i07_i04_under_pressure_only_archived_runs_nobody_works_on_go_cold(
    server_home: Path, postgres_database: str
) -> None:
    with ValkeyProcess(server_home / "small") as server:
        async with two_tiers(server.url, postgres_database, "awe.00") as tiers:
            watching = watcher(tiers)
            await watching.step()
            await some_work(tiers)
            head = await tiers.archive_all()
            await tiers.append("unarchived")
            await tiers.redis("CONFIG", "SET", "maxmemory", "1mb")
            await watching.step()
            left = {key.decode() for key in await tiers.redis("KEYS", tiers.keys.index("*"))}
            assert left == {tiers.keys.index("busy"), tiers.keys.index("unarchived")}
            assert not await tiers.redis("EXISTS", tiers.keys.counters("done"))
            dropped = (await tiers.look()).number("dropped")
            assert 0 < dropped <= head
            await tiers.redis("CONFIG", "SET", "maxmemory", "0")
            assert (await tiers.append("waiting", "t:b", absent_at=0)).count == 1
            assert (await tiers.redis("HGET", tiers.keys.index("waiting"), "t:b")).startswith(b"2;")
            assert await tiers.redis("HGET", tiers.keys.counters("waiting"), "l:calls") == b"10"


async def test_i07_the_mark_of_redis_alone_drops_nothing(tiers: TwoTiers) -> None:
    await watcher(tiers).step()
    await some_work(tiers)
    await tiers.redis("HSET", tiers.keys.meta, "archived", 1_000, "pressure", 90)
    before = await tiers.derived()
    await watcher(tiers).step()
    assert await tiers.derived() == before


async def test_i03_nothing_is_dropped_in_another_epoch(server_home: Path, postgres_database: str) -> None:
    with ValkeyProcess(server_home / "small", "--maxmemory", "1mb") as server:
        async with two_tiers(server.url, postgres_database, "awe.00") as tiers:
            await tiers.heal()
            await tiers.redis("CONFIG", "SET", "maxmemory", "0")
            await some_work(tiers)
            head = await tiers.archive_all()
            await tiers.redis("CONFIG", "SET", "maxmemory", "1mb")
            assert await drive_async(tiers.client, drop_cold_runs(tiers.keys, 7, head)) == 0
            assert await drive_async(tiers.client, drop_cold_runs(tiers.keys, 1, head)) == 2


async def test_a_server_that_is_away_is_told_and_looked_for_again(
    own_valkey: ValkeyProcess, postgres_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with two_tiers(own_valkey.url, postgres_database, "awe.00") as tiers:
        watching = watcher(tiers)
        await watching.step()
        own_valkey.kill9()
        await watching.step()
        assert "Redis does not answer" in caplog.text
        own_valkey.start()
        for _ in range(5):
            await watching.step()
        assert (await tiers.look()).number("epoch") == 2
