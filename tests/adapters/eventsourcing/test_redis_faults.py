"""Recorders on Redis when replies are lost, the server restarts or loses its tail, or a slot moves."""

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    InternalError,
    OperationalError,
    StoredEvent,
    Tracking,
)

from awe.adapters.eventsourcing.factory import LogFactory
from awe.adapters.eventsourcing.recorders import LogProcessRecorder
from awe.adapters.redis_streams.keys import Keys
from support.proxy import Proxy, proxy
from support.redis_client import connect, connect_cluster
from support.server_process import RedisProcess, ServerProcess, ValkeyProcess

MakeFactory = Callable[..., LogFactory]


def stored(originator: str, *versions: int) -> list[StoredEvent]:
    return [StoredEvent(originator, version, "t", b"state") for version in versions]


def ids(recorder: LogProcessRecorder) -> list[int]:
    return [each.id for each in recorder.select_notifications(None, 1000)]


async def lossy(recorder: LogProcessRecorder, between: Proxy, *, replies: bool) -> None:
    """Open the partition and a connection, then have the next request or reply lost."""
    await asyncio.to_thread(recorder.insert_events, stored("first", 1), tracking=Tracking("up", 1))
    if replies:
        between.lose_replies = 1
    else:
        between.lose_requests = 1


@pytest.mark.parametrize("replies", [True, False], ids=["reply", "request"])
@pytest.mark.parametrize(
    "events", [stored("a", 1, 2), [*stored("a", 1), *stored("b", 1)]], ids=["one originator", "several"]
)
async def test_i08_an_insert_without_an_answer_is_repeated_and_recorded_once(
    valkey_url: str, make_redis_factory: MakeFactory, events: Sequence[StoredEvent], *, replies: bool
) -> None:
    async with proxy(valkey_url) as between:
        recorder = make_redis_factory(between.url).process_recorder()
        await lossy(recorder, between, replies=replies)
        assert await asyncio.to_thread(recorder.insert_events, events, tracking=Tracking("up", 2)) == [2, 3]
        assert between.lost == 1
        assert await asyncio.to_thread(ids, recorder) == [1, 2, 3]
        with pytest.raises(IntegrityError):
            await asyncio.to_thread(recorder.insert_events, events)


@pytest.mark.parametrize("replies", [True, False], ids=["reply", "request"])
async def test_i08_tracking_without_an_answer_is_repeated_and_recorded(
    valkey_url: str, make_redis_factory: MakeFactory, *, replies: bool
) -> None:
    async with proxy(valkey_url) as between:
        recorder = make_redis_factory(between.url).process_recorder()
        await lossy(recorder, between, replies=replies)
        await asyncio.to_thread(recorder.insert_tracking, Tracking("up", 2))
        assert between.lost == 1
        assert await asyncio.to_thread(recorder.max_tracking_id, "up") == 2
        with pytest.raises(IntegrityError):
            await asyncio.to_thread(recorder.insert_tracking, Tracking("up", 2))


async def test_i08_a_conflict_after_a_lost_request_is_a_conflict(
    valkey_url: str, make_redis_factory: MakeFactory
) -> None:
    async with proxy(valkey_url) as between:
        recorder = make_redis_factory(between.url).process_recorder()
        await lossy(recorder, between, replies=False)
        with pytest.raises(IntegrityError, match="Version 1 of originator first"):
            await asyncio.to_thread(recorder.insert_events, stored("first", 1))


async def test_i08_what_stays_unanswered_is_told_within_the_bound(
    valkey_url: str, make_redis_factory: MakeFactory
) -> None:
    async with proxy(valkey_url) as between:
        made = make_redis_factory(between.url, AWE_EVENTSOURCING_PATIENCE_S="0.2")
        recorder = made.process_recorder()
        await lossy(recorder, between, replies=True)
        between.lose_replies = 1000
        began = time.monotonic()
        with pytest.raises(OperationalError, match="cannot be asked now"):
            await asyncio.to_thread(recorder.insert_events, stored("a", 1))
        assert time.monotonic() - began < 2
        between.lose_replies = 0
        assert await asyncio.to_thread(ids, recorder) == [1, 2]


def epoch(server: ServerProcess, partition: str) -> int:
    with connect(server.url) as client:
        return int(client.hget(Keys(partition).meta, "epoch"))


@pytest.mark.parametrize("server", ["own_valkey", "own_redis"])
def test_i02_after_a_restart_the_next_insert_opens_a_new_epoch(
    request: pytest.FixtureRequest, server: str, make_redis_factory: MakeFactory, keyspace: str
) -> None:
    running: ServerProcess = request.getfixturevalue(server)
    recorder = make_redis_factory(running.url).process_recorder()
    other = make_redis_factory(running.url).process_recorder()
    with recorder.subscribe() as subscription, ThreadPoolExecutor(1) as threads:
        recorder.insert_events(stored("a", 1), tracking=Tracking("up", 1))
        assert next(subscription).id == 1
        waiting = threads.submit(next, subscription)
        before = epoch(running, f"{keyspace}.app")
        running.kill9()
        running.start()
        assert recorder.select_events("a") == stored("a", 1)
        with pytest.raises(IntegrityError):
            recorder.insert_events(stored("a", 1))
        recorder.insert_events([*stored("a", 2), *stored("b", 1)], tracking=Tracking("up", 2))
        assert waiting.result(10).id == 2
        assert next(subscription).id == 3
        other.insert_events([], tracking=Tracking("up", 3))
        assert recorder.max_tracking_id("up") == 3
        assert epoch(running, f"{keyspace}.app") == before + 1
        with connect(running.url) as client:
            assert client.info("persistence")["aof_last_bgrewrite_status"] == "ok"


def test_i16_a_reader_of_lost_events_is_told(
    own_valkey: ValkeyProcess, make_redis_factory: MakeFactory
) -> None:
    recorder = make_redis_factory(own_valkey.url).process_recorder()
    recorder.insert_events(stored("a", 1, 2))
    kept = {file: file.stat().st_size for file in own_valkey.data.rglob("*.aof")}
    recorder.insert_events(stored("a", 3, 4))
    with recorder.subscribe() as subscription:
        assert [next(subscription).id for _ in range(4)] == [1, 2, 3, 4]
        own_valkey.kill9()
        lose_what_came_after(kept)
        own_valkey.start()
        assert recorder.insert_events(stored("b", 1, 2, 3)) == [3, 4, 5]
        with pytest.raises(OperationalError, match=r"Notifications 3 to 4 .* subscribe again from 2"):
            next(subscription)
    with recorder.subscribe(gt=2) as subscription:
        assert [next(subscription).originator_id for _ in range(3)] == ["b", "b", "b"]


def lose_what_came_after(sizes: dict[Path, int]) -> None:
    for file, size in sizes.items():
        os.truncate(file, size)


def test_a_server_that_is_away_is_told_in_the_librarys_words(
    own_redis: RedisProcess, make_redis_factory: MakeFactory
) -> None:
    made = make_redis_factory(own_redis.url, AWE_EVENTSOURCING_PATIENCE_S="0.05")
    recorder = made.process_recorder()
    own_redis.kill9()
    actions: Sequence[Callable[[], Any]] = (
        lambda: recorder.insert_events(stored("a", 1)),
        lambda: recorder.select_events("a"),
        recorder.max_notification_id,
        lambda: recorder.max_tracking_id("up"),
        lambda: next(recorder.subscribe()),
    )
    for action in actions:
        with pytest.raises(OperationalError, match="cannot be asked now"):
            action()


def test_a_reader_stops_while_its_server_is_away(
    own_valkey: ValkeyProcess, make_redis_factory: MakeFactory
) -> None:
    recorder = make_redis_factory(own_valkey.url).process_recorder()
    recorder.insert_events(stored("a", 1))
    with recorder.subscribe() as subscription, ThreadPoolExecutor(1) as threads:
        assert next(subscription).id == 1
        waiting = threads.submit(lambda: list(subscription))
        own_valkey.kill9()
        subscription.stop()
        assert waiting.result(1) == []


def test_a_partition_that_a_person_must_look_at_is_told(
    valkey_url: str, make_redis_factory: MakeFactory, keyspace: str
) -> None:
    recorder = make_redis_factory(valkey_url).process_recorder()
    recorder.insert_events(stored("a", 1))
    with connect(valkey_url) as client:
        client.hset(Keys(f"{keyspace}.app").meta, mapping={"state": "halted", "report": "entry 1 is missing"})
    with pytest.raises(InternalError, match="entry 1 is missing"):
        recorder.insert_events(stored("a", 2))


def test_i08_a_write_that_fails_is_taken_back_before_the_next_insert(
    valkey_url: str, make_redis_factory: MakeFactory, keyspace: str
) -> None:
    recorder = make_redis_factory(valkey_url).process_recorder()
    recorder.insert_events(stored("a", 1), tracking=Tracking("up", 1))
    with connect(valkey_url) as client:
        client.xadd(Keys(f"{keyspace}.app").log, {"t": "stray", "m": "r\t1\t1\tx\t0\t0", "b": ""}, id="2-0")
    assert ids(recorder) == [1]
    with pytest.raises(InternalError, match="failed"):
        recorder.insert_events([*stored("a", 2), *stored("b", 1)])
    assert recorder.insert_events([*stored("a", 2), *stored("b", 1)]) == [2, 3]
    assert ids(recorder) == [1, 2, 3]
    assert recorder.select_events("a") == stored("a", 1, 2)
    assert recorder.max_tracking_id("up") == 1
    with pytest.raises(IntegrityError):
        recorder.insert_events(stored("a", 1))


def test_a_text_that_cannot_be_encoded_is_told(valkey_url: str, make_redis_factory: MakeFactory) -> None:
    recorder = make_redis_factory(valkey_url).process_recorder()
    with pytest.raises(DataError, match="surrogates not allowed"):
        recorder.insert_events([StoredEvent("a", 1, "\ud800", b"")])
    with pytest.raises(DataError, match="surrogates not allowed"):
        recorder.select_events("\ud800")


def test_a_full_server_is_told(server_home: Path, make_redis_factory: MakeFactory) -> None:
    with ValkeyProcess(server_home / "small", "--maxmemory", "3mb") as server:
        recorder = make_redis_factory(server.url).process_recorder()
        versions = count()
        with pytest.raises(OperationalError, match="memory is full"):
            deque((recorder.insert_events(large(version)) for version in versions), maxlen=0)
        recorded = next(versions) - 1
        assert len(recorder.select_events("a")) == len(recorder.select_events("b")) == recorded > 0


def large(version: int) -> list[StoredEvent]:
    return [StoredEvent(originator, version, "t", os.urandom(100_000)) for originator in ("a", "b")]


def test_applications_of_different_names_share_nothing(
    valkey_url: str, make_redis_factory: MakeFactory
) -> None:
    recorder = make_redis_factory(valkey_url, "App").application_recorder()
    recorder.insert_events(stored("a", 1))
    assert make_redis_factory(valkey_url, "Other").application_recorder().max_notification_id() is None
    assert make_redis_factory(valkey_url, "APP").application_recorder().max_notification_id() == 1


def test_i02_a_partition_that_moves_in_the_cluster_is_opened_where_it_is(
    cluster_url: str, make_redis_factory: MakeFactory, keyspace: str
) -> None:
    recorder = make_redis_factory(cluster_url).process_recorder()
    recorder.insert_events([*stored("a", 1), *stored("b", 1)], tracking=Tracking("up", 1))
    with recorder.subscribe() as subscription:
        assert [next(subscription).id for _ in range(2)] == [1, 2]
        move(cluster_url, Keys(f"{keyspace}.app"))
        assert recorder.insert_events([*stored("a", 2), *stored("b", 2)], tracking=Tracking("up", 2)) == [
            3,
            4,
        ]
        assert [next(subscription).id for _ in range(2)] == [3, 4]
    assert recorder.select_events("a") == stored("a", 1, 2)


def move(cluster_url: str, keys: Keys) -> None:
    """Hand the partition's slot, with its keys, to another master."""
    with connect_cluster(cluster_url) as cluster:
        source = cluster.get_node_from_key(keys.log)
        target = next(node for node in cluster.get_primaries() if node.name != source.name)
        slot = cluster.keyslot(keys.log)
        here, there = (cluster.get_redis_connection(node) for node in (source, target))
        names = {
            node: client.execute_command("CLUSTER MYID") for node, client in ((source, here), (target, there))
        }
        there.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", names[source])
        here.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", names[target])
        held = here.execute_command("CLUSTER GETKEYSINSLOT", slot, 1000)
        here.execute_command("MIGRATE", target.host, target.port, "", 0, 5000, "KEYS", *held)
        for node in cluster.get_primaries():
            cluster.get_redis_connection(node).execute_command("CLUSTER SETSLOT", slot, "NODE", names[target])


def test_an_event_costs_no_more_memory_than_its_bytes_and_a_bound(
    valkey_url: str, make_redis_factory: MakeFactory, keyspace: str
) -> None:
    recorder = make_redis_factory(valkey_url).aggregate_recorder()
    state = os.urandom(300)
    originators = [uuid4() for _ in range(1000)]
    for version in (1, 2, 3):
        for at in range(0, 1000, 500):
            recorder.insert_events(
                [
                    StoredEvent(each, version, "awe.test.Happened", state)
                    for each in originators[at : at + 500]
                ]
            )
    with connect(valkey_url) as client:
        held = list(client.scan_iter(f"{{{keyspace}.app}}:*", count=1000))
        used = sum(client.memory_usage(key, samples=0) for key in held)
    assert len(held) == 1000 + 3, "one index an originator"
    assert used / 3000 < len(state) + 240


def test_half_a_unit_in_the_log_is_not_looked_for_in_a_circle(
    valkey_url: str, make_redis_factory: MakeFactory, keyspace: str
) -> None:
    recorder = make_redis_factory(valkey_url).process_recorder()
    recorder.insert_events(stored("a", 1))
    with connect(valkey_url) as client:
        client.xadd(Keys(f"{keyspace}.app").log, {"t": "stray", "m": "r\t1\t1\tx\t0\t0", "b": ""}, id="2-0")
    tail = recorder.journal.tail()
    assert tail.wait(1, 5)
    assert recorder.journal.read(1, 10).events == []
    began = time.monotonic()
    assert tail.wait(1, 0.2)
    assert time.monotonic() - began >= 0.2
    tail.close()
