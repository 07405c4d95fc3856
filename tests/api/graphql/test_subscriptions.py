"""What goes on is told once and in order, whatever the transport, the reconnects and the losses."""

# pyright: reportPrivateUsage=false

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.api.graphql.limits import Limits
from awe.domain.run.events import CancelRequested, RunSucceeded
from support.graphql_door import Door, door
from support.running import running
from support.server_process import ValkeyProcess
from support.task_events import claimed, ready
from support.waiting import until

EVENTS = """subscription ($run: ID!, $after: Position) { runEvents(run: $run, after: $after) { __typename
  ... on EventsAdded { position events { position type } } ... on Gap { position } ... on Rewound { position } } }"""
CHANGES = """subscription ($filter: RunsFilter) { runsChanged(filter: $filter) { __typename
  ... on RunChanged { run { id status inputs freshness } } ... on Missed { reason } } }"""


def names(told: Any) -> list[str]:
    return [event["type"].partition("/")[0].rpartition(".")[2] for event in told["events"]]


async def test_past_events_first_then_what_comes(room: Door) -> None:
    run = await room.submit()
    async with room.socket() as socket:
        await socket.opened()
        socket.subscribe(EVENTS, run=run)
        assert names((await socket.next())["runEvents"]) == ["goal_submitted"]
        other = await room.submit("another")
        await room.happen(other, "t", ready())
        await room.happen(run, "t", ready(), claimed())
        told = (await socket.next())["runEvents"]
        assert names(told) == ["ready", "claimed"]
        assert told["position"] == told["events"][-1]["position"]


async def test_server_sent_events(room: Door) -> None:
    run = await room.submit()
    async with aclosing(room.sse(EVENTS, run=run)) as stream:
        assert names((await anext(stream))["data"]["runEvents"]) == ["goal_submitted"]
        await room.happen(run, "t", ready())
        assert names((await anext(stream))["data"]["runEvents"]) == ["ready"]


async def heard(room: Door, run: str, after: str | None, count: int) -> tuple[list[str], str | None]:
    """So many events behind a position, over a connection of its own."""
    found: list[str] = []
    async with room.socket() as socket:
        await socket.opened()
        socket.subscribe(EVENTS, run=run, after=after)
        while len(found) < count:
            told = (await socket.next())["runEvents"]
            found += [event["position"] for event in told["events"]]
            after = told["position"]
    return found, after


async def test_a_reconnect_has_no_gap_and_no_duplicate(room: Door) -> None:
    run = await room.submit()
    stop = asyncio.Event()

    async def work() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            await room.happen(run, f"t{n}", ready(), claimed())

    async with running(work()):
        found: list[str] = []
        after: str | None = None
        for _ in range(8):
            more, after = await heard(room, run, after, 7)
            found += more
        stop.set()
    recorded = [f"00:{event.n}:1" for event in (await room.tiers.log.history(run)).events]
    assert found == recorded[: len(found)]


async def test_a_far_position_and_a_near_one_tell_the_same(
    room: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await room.submit()
    for n in range(10):
        await room.happen(run, f"t{n}", ready())
    near, _ = await heard(room, run, "00:3:1", 8)
    monkeypatch.setattr("awe.api.graphql.run_events._NEAR", 0)
    far, _ = await heard(room, run, "00:3:1", 8)
    assert near == far


async def test_a_slow_client_is_told_of_its_gap(
    own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path
) -> None:
    limits = Limits(waiting_events=10)
    async with (
        door(own_valkey.url, postgres_database, tmp_path, limits=limits) as room,
        room.socket() as slow,
    ):
        run = await room.submit()
        await slow.opened()
        slow.subscribe(EVENTS, run=run)
        seen = [event["position"] for event in (await slow.next())["runEvents"]["events"]]
        slow.room.clear()
        for n in range(30):
            await room.happen(run, f"t{n}", ready())
        others, _ = await heard(room, run, None, 31)  # nobody else waits for it
        slow.room.set()
        while (told := (await slow.next())["runEvents"])["__typename"] == "EventsAdded":
            seen += [event["position"] for event in told["events"]]
        assert told["__typename"] == "Gap"
        assert told["position"] == seen[-1]
        assert (await slow.hear())["type"] == "complete"
        rest, _ = await heard(room, run, told["position"], 31 - len(seen))
        assert seen + rest == others


async def test_i16_a_subscriber_is_told_what_was_lost(
    own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path
) -> None:
    async with door(own_valkey.url, postgres_database, tmp_path) as room, room.socket() as socket:
        run = await room.submit()
        await room.project()
        await room.happen(run, "t1", ready())
        head = await room.tiers.log.head()
        await socket.opened()
        socket.subscribe(EVENTS, run=run)
        assert names((await socket.next())["runEvents"]) == ["goal_submitted", "ready"]
        await RedisHotTier(room.tiers.client, room.tiers.partition).close(1)
        log = room.tiers.keys.log
        await room.tiers.redis("DEL", log)  # the hot tier is lost; only what was archived is left
        await room.tiers.redis("DEL", room.tiers.keys.meta)
        epoch = (await room.tiers.heal()).epoch
        archived = head.n - 1
        told = (await socket.next())["runEvents"]
        assert told == {"__typename": "Rewound", "position": f"00:{archived}:{epoch}"}
        await room.happen(run, "t2", ready(), count=1)
        told = (await socket.next())["runEvents"]
        assert [event["position"] for event in told["events"]] == [f"00:{head.n}:{epoch}"]
        lost = f"00:{head.n}:1"
        async with room.socket() as late:
            await late.opened()
            late.subscribe(EVENTS, run=run, after=lost)
            assert (await late.next())["runEvents"]["__typename"] == "Rewound"
            assert names((await late.next())["runEvents"]) == ["ready"]


@pytest.mark.parametrize(
    ("run", "after", "code"),
    [
        ("r-00-" + "0" * 26, None, "not_found"),
        ("r-77-" + "0" * 26, None, "not_found"),
        ("nonsense", None, "invalid_argument"),
        (None, "00:9999:1", "position_ahead"),
        (None, "00:1:77", "position_ahead"),
        (None, "01:1:1", "invalid_position"),
        (None, "x", "invalid_position"),
    ],
)
async def test_what_cannot_be_followed(room: Door, run: str | None, after: str | None, code: str) -> None:
    real = await room.submit()
    async with room.socket() as socket:
        await socket.opened()
        socket.subscribe(EVENTS, run=run or real, after=after)
        message = await socket.hear()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        assert [each["extensions"]["code"] for each in errors] == [code]


async def test_runs_as_they_change(room: Door) -> None:
    async with room.socket() as all_of_them, room.socket() as ended, running(_fed(room)):
        for socket, wanted in ((all_of_them, None), (ended, {"status": ["SUCCEEDED"], "tenant": "default"})):
            await socket.opened()
            socket.subscribe(CHANGES, filter=wanted)
        await until(lambda: len(room.app._changes._boxes) == 2)
        run = await room.submit(inputs={"a": 1})
        told = (await all_of_them.next())["runsChanged"]["run"]
        assert told == {"id": run, "status": "PLANNING", "inputs": {"a": 1}, "freshness": "CURRENT"}
        await room.happen(run, "run", CancelRequested())
        assert (await all_of_them.next())["runsChanged"]["run"]["status"] == "CANCELLING"
        other = await room.submit("another")
        await room.happen(other, "run", RunSucceeded(outputs={}))
        assert (await ended.next())["runsChanged"]["run"]["id"] == other
    await until(lambda: room.app._changes._held is None)


async def _fed(room: Door) -> None:
    while True:
        await room.project()
        await asyncio.sleep(0.01)


async def test_too_many_changes_for_a_client(
    own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path
) -> None:
    limits = Limits(waiting_events=5)
    async with (
        door(own_valkey.url, postgres_database, tmp_path, limits=limits) as room,
        room.socket() as slow,
    ):
        await slow.opened()
        slow.subscribe(CHANGES)
        await until(lambda: len(room.app._changes._boxes) == 1)
        (box,) = room.app._changes._boxes
        slow.room.clear()
        async with running(_fed(room)):
            for n in range(20):
                await room.submit(f"goal {n}")
                await room.project()
                if box.overflowed:
                    break
            await until(lambda: box.overflowed)
            slow.room.set()
            while (told := (await slow.next())["runsChanged"])["__typename"] == "RunChanged":
                pass
        assert told["__typename"] == "Missed"


async def test_no_more_places_for_subscribers(
    own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path
) -> None:
    limits = Limits(subscribers=1)
    async with door(own_valkey.url, postgres_database, tmp_path, limits=limits) as room:
        run = await room.submit()
        async with room.socket() as first, room.socket() as second:
            for socket in (first, second):
                await socket.opened()
            first.subscribe(EVENTS, run=run)
            await first.next()
            second.subscribe(EVENTS, run=run)
            message = await second.hear()
            errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
            assert errors[0]["extensions"]["code"] == "overloaded"


async def test_closing_the_door_ends_subscriptions(room: Door) -> None:
    run = await room.submit()
    async with room.socket() as socket:
        await socket.opened()
        socket.subscribe(EVENTS, run=run)
        await socket.next()
        await room.app.aclose()
        assert (await socket.hear())["type"] == "complete"


async def test_one_follower_for_all_and_none_for_nobody(room: Door) -> None:
    run = await room.submit()
    partition = room.app._followers._partitions[0]
    async with room.socket() as one, room.socket() as two:
        for socket in (one, two):
            await socket.opened()
            socket.subscribe(EVENTS, run=run)
            await socket.next()
        follower = partition._follower
        assert follower is not None
        await room.happen(run, "t", ready())
        assert [names((await each.next())["runEvents"]) for each in (one, two)] == [["ready"]] * 2
        assert partition._follower is follower
    await until(lambda: partition._follower is None and not partition._boxes)


async def test_another_origin_is_turned_away(room: Door) -> None:
    async with room.socket(origin="http://elsewhere.example", host="here.example") as socket:
        assert (await socket.outbox.get())["type"] == "websocket.close"
