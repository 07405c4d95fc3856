"""A partition without an archive opens by the same rules, also from a thread's client."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.log import RedisEventLogs
from awe.adapters.redis_streams.scripts import source
from awe.adapters.redis_streams.single_tier import open_single_tier, open_single_tier_async
from awe.commands.log import (
    NEW_RUN,
    Ack,
    Appended,
    Limit,
    LogCorrupt,
    LogUnavailable,
    NewEvent,
    Reserve,
    Unit,
)
from support.redis_client import connect as connect_sync
from support.server_process import RedisProcess, ValkeyProcess

EVENT = NewEvent("t:a", "awe.test/1", b"{}", dispatch="local")


async def append(client: AsyncClient, partition: str, append_id: str, **unit: Any) -> Appended:
    logs = RedisEventLogs(client)
    unit = {"events": (EVENT,), "absent_at": NEW_RUN, **unit}
    done = await logs.log(partition).append(Unit(id=append_id, run="r", **unit))
    await logs.aclose()
    assert isinstance(done, Appended)
    return done


async def derived(client: AsyncClient, partition: str) -> list[Any]:
    keys = Keys(partition)
    messages = await client.execute_command("XRANGE", keys.queue("local"), "-", "+")
    hashes = [
        await client.execute_command("HGETALL", key)
        for key in (keys.index("r"), keys.counters("r"), keys.positions)
    ]
    return [*hashes, [fields for _, fields in messages]]


async def test_i02_a_restarted_server_is_opened_under_a_new_epoch(own_valkey: ValkeyProcess) -> None:
    with connect_sync(own_valkey.url) as client:
        opened = open_single_tier(client, "es.test")
        assert open_single_tier(client, "es.test") == opened
        own_valkey.kill9()
        own_valkey.start()
        assert open_single_tier(client, "es.test").epoch == opened.epoch + 1
        client.flushall()
        assert open_single_tier(client, "es.test").epoch > opened.epoch + 1, "no epoch is used twice"


@pytest.mark.parametrize("client_kind", ["threads", "asyncio"])
async def test_i05_what_is_derived_is_made_anew_from_the_log_alone(
    valkey_url: str, keyspace: str, client_kind: str
) -> None:
    client = connect(valkey_url)
    await open_single_tier_async(client, keyspace)
    await append(client, keyspace, "one", counters=(Limit("calls", 5), Reserve("calls", "op", 2)), claims=1)
    await append(client, keyspace, "two", control="paused")
    (message_id, _), _ = await client.execute_command("XRANGE", Keys(keyspace).queue("local"), "-", "+")
    await append(client, keyspace, "three", acks=(Ack("local", message_id.decode(), 1, "one"),))
    before = await derived(client, keyspace)
    for key in await client.execute_command("KEYS", f"{{{keyspace}}}:[xbqp]*"):
        await client.execute_command("DEL", key)
    await client.execute_command("HSET", Keys(keyspace).meta, "state", "halted")
    if client_kind == "threads":
        with connect_sync(valkey_url) as threads:
            opened = open_single_tier(threads, keyspace)
    else:
        opened = await open_single_tier_async(client, keyspace)
    assert opened.n == 3
    assert await derived(client, keyspace) == before
    assert (await append(client, keyspace, "two")).repeated
    await client.aclose()


async def test_i03_of_many_openers_at_once_none_undoes_another(valkey_url: str, keyspace: str) -> None:
    client = connect(valkey_url)
    await open_single_tier_async(client, keyspace)
    await append(client, keyspace, "one", claims=1)
    await client.execute_command("HSET", Keys(keyspace).meta, "state", "halted")
    opened = await asyncio.gather(*(open_single_tier_async(client, keyspace) for _ in range(5)))
    assert {each.n for each in opened} == {1}
    assert (await append(client, keyspace, "two")).epoch == max(each.epoch for each in opened)
    assert len(await client.execute_command("XRANGE", Keys(keyspace).queue("local"), "-", "+")) == 2
    await client.aclose()


async def test_i08_half_a_unit_at_the_end_is_taken_back(valkey_url: str, keyspace: str) -> None:
    client = connect(valkey_url)
    keys = Keys(keyspace)
    await open_single_tier_async(client, keyspace)
    for n in (1, 2, 3):
        await client.execute_command(
            "XADD", keys.log, f"{n}-0", "t", "x/1", "m", f"r\tt:a\t{n}\tap{n}\t0\t1", "b", "{}"
        )
    for n in (1, 0):
        await client.execute_command("HSET", keys.meta, "n", n, "state", "halted")
        assert (await open_single_tier_async(client, keyspace)).n == n
    assert (await append(client, keyspace, "again")).first == 1
    await client.aclose()


async def test_i06_a_log_that_lost_events_stops_with_a_report(valkey_url: str, keyspace: str) -> None:
    client = connect(valkey_url)
    keys = Keys(keyspace)
    await open_single_tier_async(client, keyspace)
    for each in ("one", "two", "three"):
        await append(client, keyspace, each)
    await client.execute_command("XDEL", keys.log, "3-0")
    await client.execute_command("HSET", keys.meta, "run_id", "0" * 40)
    with pytest.raises(LogCorrupt, match=r"events 3\.\.3 are in neither"):
        await open_single_tier_async(client, keyspace)
    await client.aclose()


async def test_a_server_that_is_away_is_told_without_the_drivers_words(own_redis: RedisProcess) -> None:
    with connect_sync(own_redis.url) as client:
        own_redis.kill9()
        with pytest.raises(LogUnavailable, match="check AWE_REDIS_URL"):
            open_single_tier(client, "es.test")


async def test_a_partition_of_a_cluster_is_opened_where_it_lives(cluster_url: str, keyspace: str) -> None:
    client = connect(cluster_url, cluster=True)
    for name in ("a", "b", "c", "d"):
        partition = f"{keyspace}.{name}"
        opened = await open_single_tier_async(client, partition)
        assert (await append(client, partition, "one")).first == 1
        await client.execute_command("HSET", Keys(partition).meta, "state", "halted")
        assert (await open_single_tier_async(client, partition)).epoch == opened.epoch + 1
        assert (await append(client, partition, "two")).first == 2
    await client.aclose()


class Interrupted:
    """A client that lets something else happen right before it sends a certain word for the first time."""

    def __init__(self, client: Any, word: str, happens: Callable[[], object]) -> None:
        self._client = client
        self._word = word
        self._happens: Callable[[], object] | None = happens

    def execute_command(self, *command: Any) -> Any:
        if self._happens is not None and self._word in command:
            happens, self._happens = self._happens, None
            happens()
        return self._client.execute_command(*command)


def open_and_append(client: Any, keys: Keys) -> None:
    open_single_tier(client, keys.partition)
    client.execute_command("XADD", keys.log, "1-0", "t", "t", "m", "r\ta\t1\tid\t0\t1", "b", "{}")
    client.execute_command("HSET", keys.meta, "n", 1)


async def test_i03_of_two_openers_that_chose_one_token_the_second_finds_what_the_first_opened(
    own_valkey: ValkeyProcess,
) -> None:
    keys = Keys("es.test")
    with connect_sync(own_valkey.url) as client:
        epoch = open_single_tier(client, "es.test").epoch + 1
        own_valkey.kill9()
        own_valkey.start()
        late = Interrupted(client, source("close"), lambda: open_and_append(client, keys))
        assert open_single_tier(late, "es.test").epoch == epoch
        starts: Any = client.execute_command("HGET", keys.epochs, str(epoch))
        assert int(starts) == 1, "the epoch starts where the first one opened it"


async def test_i03_an_opener_that_was_overtaken_does_not_take_the_others_work_for_a_fault(
    own_valkey: ValkeyProcess,
) -> None:
    keys = Keys("es.test")
    with connect_sync(own_valkey.url) as client:
        late = Interrupted(client, source("page"), lambda: open_and_append(client, keys))
        opened = open_single_tier(late, "es.test")
        assert opened == open_single_tier(client, "es.test")
        assert client.execute_command("HGET", keys.meta, "state") == b"open"
