"""Concurrent appends share calls; each keeps its own outcome, whatever happens to the connection."""

# pyright: reportPrivateUsage=false

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from awe.adapters.redis_streams import index
from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.entries import raw
from awe.adapters.redis_streams.group_commit import GroupCommit
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.lane import Lane, Pending
from awe.adapters.redis_streams.log import RedisEventLog, RedisEventLogs
from awe.adapters.redis_streams.single_tier import open_single_tier_async
from awe.commands.log import (
    NEW_RUN,
    Ack,
    Admission,
    Appended,
    Conflict,
    Expect,
    Guard,
    LogCorrupt,
    LogUnavailable,
    NewEvent,
    Outcome,
    Pressure,
    Unit,
    UnitTooLarge,
)
from support.proxy import Proxy, proxy
from support.server_process import ValkeyProcess
from support.waiting import until


@pytest.fixture
def partition(keyspace: str) -> str:
    return f"{keyspace.lower().strip(':')}.00"


@pytest.fixture
async def direct(valkey_url: str, partition: str) -> AsyncIterator[AsyncClient]:
    client = connect(valkey_url)
    await open_single_tier_async(client, partition)
    yield client
    await client.aclose()


@pytest.fixture
async def disturbed(valkey_url: str) -> AsyncIterator[Proxy]:
    async with proxy(valkey_url) as made:
        yield made


@pytest.fixture
async def orphans() -> list[tuple[str, Outcome]]:
    return []


@pytest.fixture
async def log(
    direct: AsyncClient, disturbed: Proxy, partition: str, orphans: list[tuple[str, Outcome]]
) -> AsyncIterator[RedisEventLog]:
    del direct  # it opened the partition
    client = connect(disturbed.url, timeout_s=2)
    logs = RedisEventLogs(client, orphaned=lambda unit, outcome: orphans.append((unit.id, outcome)))
    yield logs.log(partition)
    await logs.aclose()
    await client.aclose()


def ready(name: str, run: str = "r-00-a", **more: Any) -> Unit:
    event = NewEvent(f"t:{name}", "awe.task.ready/1", b'{"data":{}}')
    unit = Unit(f"append-{name}", run, (event,), (Expect(event.aggregate, 0),), absent_at=NEW_RUN)
    return unit._replace(**more)


async def count(log: RedisEventLog) -> int:
    return (await log.head()).n


async def calls(direct: AsyncClient) -> int:
    info = await direct.execute_command("INFO", "commandstats")
    return int(info.get("cmdstat_evalsha", {}).get("calls", 0))


async def test_concurrent_appends_share_calls(log: RedisEventLog, direct: AsyncClient) -> None:
    await log.append(ready("first"))
    before = await calls(direct)
    outcomes = await asyncio.gather(*(log.append(ready(str(i))) for i in range(200)))
    assert sorted(outcome.first for outcome in outcomes if isinstance(outcome, Appended)) == list(
        range(2, 202)
    )
    assert await calls(direct) - before <= 3


async def test_i12_one_unit_of_many_conflicts_alone(log: RedisEventLog) -> None:
    await log.append(ready("1"))
    clash = ready("1", expects=(Expect("t:1", 0),))
    clash = Unit("append-other", clash.run, clash.events, clash.expects)
    outcomes = await asyncio.gather(
        *(log.append(unit) for unit in (ready("0"), clash, *(ready(str(i)) for i in range(2, 400))))
    )
    assert outcomes[1] == Conflict("t:1", 1, "append-1")
    assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 399
    assert await count(log) == 400


async def test_i08_a_call_keeps_its_caps(log: RedisEventLog) -> None:
    big = tuple(NewEvent(f"t:{i}", "awe.x/1", b"x" * 200_000) for i in range(4))
    outcomes = await asyncio.gather(*(log.append(Unit(f"big-{i}", f"r-{i}", big)) for i in range(6)))
    assert all(isinstance(outcome, Appended) and outcome.count == 4 for outcome in outcomes)
    with pytest.raises(UnitTooLarge, match="500"):
        await log.append(Unit("many", "r-1", tuple(NewEvent("t:1", "awe.x/1", b"") for _ in range(501))))
    with pytest.raises(UnitTooLarge, match="blob"):
        await log.append(Unit("huge", "r-1", (NewEvent("t:1", "awe.x/1", b"x" * 256_001),)))


async def test_i08_lost_replies_change_nothing(log: RedisEventLog, disturbed: Proxy) -> None:
    await log.append(ready("first"))
    disturbed.lose_replies = 1
    outcomes = await asyncio.gather(*(log.append(ready(str(i))) for i in range(50)))
    assert disturbed.lost == 1
    assert all(isinstance(outcome, Appended) and outcome.repeated for outcome in outcomes)
    assert await count(log) == 51


async def test_i08_lost_requests_are_sent_again(log: RedisEventLog, disturbed: Proxy) -> None:
    await log.append(ready("first"))
    disturbed.lose_requests = 1
    outcome = await log.append(ready("second"))
    assert isinstance(outcome, Appended)
    assert not outcome.repeated
    assert await count(log) == 2


async def test_i08_a_cancelled_callers_unit_is_carried_to_its_end(
    log: RedisEventLog, disturbed: Proxy, orphans: list[tuple[str, Outcome]]
) -> None:
    await log.append(ready("first"))
    disturbed.lose_replies = 1
    task = asyncio.ensure_future(log.append(ready("unwanted")))
    await until(lambda: disturbed.lost > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: bool(orphans))
    ((name, outcome),) = orphans
    assert name == "append-unwanted"
    assert isinstance(outcome, Appended)
    assert (outcome.first, outcome.repeated) == (2, True)


async def test_a_unit_cancelled_before_it_was_sent_is_never_sent(log: RedisEventLog) -> None:
    task = asyncio.ensure_future(log.append(ready("never")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await log.append(ready("next"))
    assert [event.aggregate for event in (await log.history("r-00-a")).events] in (
        ["t:next"],
        ["t:never", "t:next"],
    )


async def test_a_lost_script_is_loaded_again(log: RedisEventLog, direct: AsyncClient) -> None:
    await direct.execute_command("SCRIPT FLUSH")
    assert isinstance(await log.append(ready("first")), Appended)


async def test_i02_a_closed_partition_is_waited_for(
    log: RedisEventLog, direct: AsyncClient, partition: str
) -> None:
    before = (await log.head()).epoch
    await direct.execute_command("HSET", f"{{{partition}}}:m", "run_id", "another")
    task = asyncio.ensure_future(log.append(ready("first")))
    done, _ = await asyncio.wait([task], timeout=0.2)
    assert not done
    await open_single_tier_async(direct, partition)
    outcome = await task
    assert isinstance(outcome, Appended)
    assert outcome.epoch > before


async def test_i08_a_write_that_fails_halts_the_partition_until_it_is_healed(
    log: RedisEventLog, direct: AsyncClient, partition: str
) -> None:
    await log.append(ready("first"))
    await direct.execute_command("SET", f"{{{partition}}}:q:broken", "no stream")
    broken = Unit("broken", "r-00-a", (NewEvent("t:2", "awe.x/1", b"{}", dispatch="broken"),))
    told, waiting = (
        asyncio.ensure_future(log.append(broken)),
        asyncio.ensure_future(log.append(ready("after"))),
    )
    with pytest.raises(LogCorrupt, match="taken the append back"):
        await told
    await asyncio.wait([waiting], timeout=0.1)
    assert not waiting.done()
    await direct.execute_command("DEL", f"{{{partition}}}:q:broken")
    await open_single_tier_async(direct, partition)
    assert isinstance(await waiting, Appended)
    assert [event.aggregate for event in (await log.history("r-00-a")).events] == ["t:first", "t:after"]


async def test_a_partition_that_a_person_must_look_at_says_why(
    log: RedisEventLog, direct: AsyncClient, partition: str
) -> None:
    await direct.execute_command(
        "HSET", f"{{{partition}}}:m", "state", "halted", "report", "Entry 7 differs."
    )
    with pytest.raises(LogCorrupt, match="Entry 7 differs"):
        await log.append(ready("first"))


async def test_i07_pressure_refuses_what_begins_and_takes_what_reports(
    log: RedisEventLog, direct: AsyncClient, partition: str
) -> None:
    await direct.execute_command("HSET", f"{{{partition}}}:m", "pressure", 75)
    assert await log.append(ready("goal", admission=Admission.DISPATCH)) == Pressure(75)
    assert isinstance(await log.append(ready("claim", admission=Admission.CLAIM)), Appended)
    await direct.execute_command("HSET", f"{{{partition}}}:m", "pressure", 85)
    assert await log.append(ready("claim2", admission=Admission.CLAIM)) == Pressure(85)
    assert isinstance(await log.append(ready("report")), Appended)


async def test_closing_tells_who_still_waits(disturbed: Proxy, partition: str, direct: AsyncClient) -> None:
    await direct.execute_command("HSET", f"{{{partition}}}:m", "state", "closed")
    client = connect(disturbed.url)
    logs = RedisEventLogs(client)
    task = asyncio.ensure_future(logs.log(partition).append(ready("first")))
    await asyncio.wait([task], timeout=0.05)
    await logs.aclose()
    with pytest.raises(LogUnavailable, match="unknown"):
        await task
    await client.aclose()


async def test_partitions_go_out_together_and_a_closed_one_holds_up_nobody(
    valkey_url: str, direct: AsyncClient, partition: str
) -> None:
    names = [f"{partition}{place}" for place in range(4)]
    for name in names:
        await open_single_tier_async(direct, name)
    await direct.execute_command("HSET", f"{{{names[0]}}}:m", "state", "closed")
    client = connect(valkey_url)
    logs = RedisEventLogs(client)
    stuck = asyncio.ensure_future(logs.log(names[0]).append(ready("stuck")))
    outcomes = await asyncio.gather(
        *(logs.log(name).append(ready(str(i))) for name in names[1:] for i in range(20))
    )
    assert all(isinstance(outcome, Appended) for outcome in outcomes)
    assert [(await logs.log(name).head()).n for name in names[1:]] == [20] * 3
    assert not stuck.done()
    await logs.aclose()
    with pytest.raises(LogUnavailable):
        await stuck
    await client.aclose()


@pytest.mark.parametrize(
    "unit",
    [
        Unit("no spaces", "r"),
        Unit("a", "r\n"),
        Unit("a", "r", (NewEvent("!", "t", b""),)),
        Unit("a", "r", (NewEvent("a;b", "t", b""),)),
        Unit("a", "r", (NewEvent("a", 'quoted "type"', b"", dispatch="q"),)),
        Unit("a", "r", claims=1),
        Unit("a", "r", control="cancelled"),
    ],
)
async def test_what_the_log_cannot_hold_is_refused_before_it_is_sent(log: RedisEventLog, unit: Unit) -> None:
    with pytest.raises(ValueError, match=r"must match|cannot|recorded"):
        await log.append(unit)


async def test_a_unit_that_cannot_be_packed_fails_its_caller_and_nobody_else(log: RedisEventLog) -> None:
    odd = Unit("odd", "r-00-a", (NewEvent("t:1", "awe.x/1", b"{}"),), claims=10**30)
    with pytest.raises(OverflowError):
        await log.append(odd)
    assert isinstance(await log.append(ready("next")), Appended)


async def test_a_text_without_bytes_fails_its_caller_and_not_those_who_wait_with_it(
    log: RedisEventLog,
) -> None:
    odd = ready("odd", acks=(Ack("q", "1-1", 1, "\ud800"),))
    outcomes = await asyncio.gather(
        *(log.append(unit) for unit in (ready("before"), odd, ready("after"))), return_exceptions=True
    )
    assert isinstance(outcomes[1], ValueError)
    assert [type(outcome) for outcome in outcomes[::2]] == [Appended, Appended]
    assert await count(log) == 2


async def test_the_index_is_what_a_fold_of_the_entries_says(
    log: RedisEventLog, direct: AsyncClient, partition: str
) -> None:
    events = [NewEvent(f"t:{name}", "awe.x/1", b"{}", "q" if name == "b" else "") for name in "abaacb"]
    await log.append(Unit("one", "r-00-a", events, control="paused", claims=2))
    await log.append(
        Unit(
            "two",
            "r-00-a",
            events[1:3],
            (Expect("t:c", 1, "one"), Expect("t:a", 3, "one")),
            Guard(1, "one"),
            claims=-1,
        )
    )
    stored = await direct.execute_command("XRANGE", f"{{{partition}}}:log", "-", "+")
    kept = await direct.execute_command("HGETALL", f"{{{partition}}}:x:r-00-a")
    assert {name.decode(): field.decode() for name, field in kept.items()} == index.fold(map(raw, stored))
    assert kept[b"t:a"] == b"4;one@1+1;one@3+2;two@8+1"


async def test_i08_a_server_that_does_not_answer_in_time_is_asked_again(
    own_valkey: ValkeyProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.adapters.redis_streams.line.SOCKET_TIMEOUT_S", 0.2)
    client = connect(own_valkey.url)
    await open_single_tier_async(client, "awe.00")
    logs = RedisEventLogs(client)
    log = logs.log("awe.00")
    await log.append(ready("first"))
    own_valkey.pause()
    waiting = asyncio.ensure_future(log.append(ready("second")))
    await asyncio.wait([waiting], timeout=0.7)
    assert not waiting.done()
    own_valkey.resume()
    assert isinstance(await waiting, Appended)
    assert await count(log) == 2
    await logs.aclose()
    await client.aclose()


async def test_i08_a_cancelled_callers_repeated_unit_is_heard_of_though_its_entry_was_trimmed(
    direct: AsyncClient, partition: str
) -> None:
    heard: list[tuple[Unit, Outcome]] = []

    async def warm(keys: Keys, run: str) -> int | None:
        raise AssertionError((keys, run))

    async def timed(keys: Keys, outcome: Appended) -> Appended:
        assert keys.partition == partition
        return replace(outcome, time_ms=7)

    commit = GroupCommit(direct, warm, timed, lambda unit, outcome: heard.append((unit, outcome)))
    lane, unit, trimmed = Lane(Keys(partition)), ready("unwanted"), Appended(3, 1, 1, 0, repeated=True)
    for wanted in (True, False):
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if not wanted:
            future.cancel()
        commit._tell(lane, Pending(unit, 1, future, 0), trimmed)
        await asyncio.gather(*commit._beside)
        assert wanted is (not heard)
    assert heard == [(unit, replace(trimmed, time_ms=7))]
    await commit.aclose()
