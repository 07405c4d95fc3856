"""One read for all streams of a server: nobody waits for another's call, and nobody is given more than it takes."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import pytest
from redis.exceptions import ResponseError

from awe.adapters.redis_streams.connection import AsyncClient, connect
from awe.adapters.redis_streams.keys import GROUP
from awe.adapters.redis_streams.line import line
from awe.adapters.work_queue import shared_read
from awe.adapters.work_queue.shared_read import Reader, SharedRead
from support.waiting import until, until_async

SOON_S = 3.0
"""Less than a call blocks here, so what comes sooner did not wait for a call's end."""

READER = Reader(GROUP, "w-1", 2)


class Streams:
    """Streams with their groups on a real server, read for one consumer."""

    def __init__(self, client: AsyncClient, keyspace: str) -> None:
        self.client = client
        self.shared = SharedRead(client, READER)
        self._keyspace = keyspace

    def key(self, name: str) -> str:
        return f"{{{self._keyspace}}}:q:{name}"

    async def make(self, *names: str) -> None:
        for name in names:
            await self.client.execute_command("XGROUP CREATE", self.key(name), GROUP, "0", "MKSTREAM")

    async def send(self, name: str, *said: str) -> None:
        for each in said:
            await self.client.execute_command("XADD", self.key(name), "*", "__data__", each)

    def reading(self, name: str) -> asyncio.Task[Sequence[str]]:
        return asyncio.create_task(self._read(name))

    async def _read(self, name: str) -> Sequence[str]:
        entries = await self.shared.read(self.key(name))
        return [fields[1].decode() for _, fields in entries]

    async def pending(self, name: str) -> int:
        summary = await self.client.execute_command("XPENDING", self.key(name), GROUP)
        return int(summary["pending"])

    async def blocked(self) -> list[dict[str, Any]]:
        """The connections that wait in a read."""
        told = await self.client.execute_command("CLIENT LIST")
        return [each for each in told if "b" in each["flags"]]

    async def one_blocked(self) -> bool:
        return len(await self.blocked()) == 1


@pytest.fixture
async def streams(valkey_url: str, keyspace: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Streams]:
    monkeypatch.setattr(shared_read, "BLOCK_MS", 4_500)
    client = connect(valkey_url)
    streams = Streams(client, keyspace)
    yield streams
    await streams.shared.aclose()
    await client.aclose()


async def test_all_streams_wait_in_one_call(streams: Streams) -> None:
    names = [f"s{number}" for number in range(5)]
    await streams.make(*names)
    reading = {name: streams.reading(name) for name in names}
    await until_async(streams.one_blocked)
    await streams.send("s3", "three")
    async with asyncio.timeout(SOON_S):
        assert await reading.pop("s3") == ["three"]
    await until_async(streams.one_blocked)
    assert not any(task.done() for task in reading.values())
    await streams.send("s1", "one")
    async with asyncio.timeout(SOON_S):
        assert await reading["s1"] == ["one"]


async def test_what_is_there_is_read_for_all_at_once_and_no_more_than_was_asked_for(streams: Streams) -> None:
    await streams.make("a", "b")
    await streams.send("a", "1", "2", "3")
    await streams.send("b", "4")
    async with asyncio.timeout(SOON_S):
        both = await asyncio.gather(streams.reading("a"), streams.reading("b"))
    assert list(both) == [["1", "2"], ["4"]]
    assert await streams.pending("a") == READER.most


async def test_who_comes_late_does_not_wait_for_the_end_of_a_blocked_call(streams: Streams) -> None:
    await streams.make("a", "b", "c")
    await streams.send("b", "there already")
    first = streams.reading("a")
    await until_async(streams.one_blocked)
    async with asyncio.timeout(SOON_S):
        assert await streams.reading("b") == ["there already"]
        late = [streams.reading("b"), streams.reading("c")]
        await asyncio.sleep(0.05)  # nothing is there for them: the blocked call takes them along
        await streams.send("c", "later")
        assert await late[1] == ["later"]
        await streams.send("b", "later still")
        assert await late[0] == ["later still"]
        await streams.send("a", "last")
        assert await first == ["last"]


async def test_i17_a_stream_whose_batch_is_not_taken_is_not_read(streams: Streams) -> None:
    await streams.make("a", "b")
    await streams.send("a", "1", "2", "3", "4")
    other = streams.reading("b")
    assert await streams.reading("a") == ["1", "2"]
    await until_async(streams.one_blocked)
    await streams.send("b", "5")
    assert await other == ["5"]
    other = streams.reading("b")
    await until_async(streams.one_blocked)
    assert await streams.pending("a") == READER.most
    async with asyncio.timeout(SOON_S):
        assert await streams.reading("a") == ["3", "4"]


async def test_a_lost_group_is_told_to_whom_it_concerns(streams: Streams) -> None:
    await streams.make("a", "b", "c")
    reading = {name: streams.reading(name) for name in "abc"}
    await until_async(streams.one_blocked)
    await streams.client.execute_command("DEL", streams.key("b"))
    async with asyncio.timeout(SOON_S):
        with pytest.raises(ResponseError, match="NOGROUP"):
            await reading["b"]
        await streams.send("c", "on")
        assert await reading["c"] == ["on"]
        with pytest.raises(ResponseError, match="NOGROUP"):  # also for one who comes late
            await streams.reading("b")
        await streams.make("b")
        await streams.send("b", "again")
        assert await streams.reading("b") == ["again"]
        await streams.send("a", "on")
        assert await reading["a"] == ["on"]


async def test_i14_what_comes_for_a_reader_that_went_stays_pending(streams: Streams) -> None:
    await streams.make("a", "b")
    gone, other = streams.reading("a"), streams.reading("b")
    await until_async(streams.one_blocked)
    gone.cancel()
    await asyncio.wait({gone})
    await streams.send("a", "nobody's")
    await until_async(lambda: _is(streams, "a", 1))
    await streams.send("a", "next")
    async with asyncio.timeout(SOON_S):
        assert await streams.reading("a") == ["next"]
        await streams.send("b", "on")
        assert await other == ["on"]


async def _is(streams: Streams, name: str, number: int) -> bool:
    return await streams.pending(name) == number


async def test_a_connection_that_is_cut_is_made_again(
    streams: Streams, caplog: pytest.LogCaptureFixture
) -> None:
    await streams.make("a", "b")
    first = streams.reading("a")
    await until_async(streams.one_blocked)
    (connection,) = await streams.blocked()
    await streams.client.execute_command("CLIENT KILL", "ID", connection["id"])
    await until_async(streams.one_blocked)
    assert "waited out" in caplog.text
    second = streams.reading("b")  # the new connection's id is known
    await asyncio.sleep(0.05)
    await streams.send("b", "on")
    async with asyncio.timeout(SOON_S):
        assert await second == ["on"]
    await streams.send("a", "on")
    assert await first == ["on"]


class _Altered:
    """A line that answers some commands itself, in turn."""

    def __init__(self, client: AsyncClient, name: str, answers: Sequence[Any]) -> None:
        self._inner = line(client)
        self._name = name
        self._answers = list(answers)

    async def send(self, commands: Sequence[Sequence[Any]], **options: Any) -> list[Any]:
        if self._name in commands[0] and self._answers:
            answer = self._answers.pop(0)
            if isinstance(answer, asyncio.Event):
                await answer.wait()
                return await self._inner.send(commands, **options)
            if isinstance(answer, Exception):
                raise answer
            return [answer]
        return await self._inner.send(commands, **options)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def test_letting_go_is_repeated_when_it_overtakes_the_call(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_read, "line", partial(_Altered, name="UNBLOCK", answers=(0, 0)))
    streams.shared = SharedRead(streams.client, READER)
    await streams.make("a", "b")
    first = streams.reading("a")
    await until_async(streams.one_blocked)
    late = streams.reading("b")
    await asyncio.sleep(0.05)
    await streams.send("b", "late")
    async with asyncio.timeout(SOON_S):
        assert await late == ["late"]
    first.cancel()


async def test_who_looked_is_read_for_also_when_the_blocked_call_ended_meanwhile(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, go_on = asyncio.Event(), asyncio.Event()
    at_once.set()
    waits = iter([at_once, go_on])  # of the blocking line, of the other

    def altered(client: AsyncClient) -> _Altered:
        return _Altered(client, "XREADGROUP", (next(waits),))

    monkeypatch.setattr(shared_read, "line", altered)
    streams.shared = SharedRead(streams.client, READER)
    await streams.make("a", "b")
    first = streams.reading("a")
    await until_async(streams.one_blocked)
    late = streams.reading("b")
    await asyncio.sleep(0.05)
    await streams.send("a", "first")
    assert await first == ["first"]
    await asyncio.sleep(0.05)
    go_on.set()
    async with asyncio.timeout(SOON_S):
        await until_async(streams.one_blocked)
        await streams.send("b", "late")
        assert await late == ["late"]


async def test_who_waits_hears_of_what_cannot_be_waited_out(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = RuntimeError("no outage")
    monkeypatch.setattr(shared_read, "line", partial(_Altered, name="XREADGROUP", answers=(broken,)))
    streams.shared = SharedRead(streams.client, READER)
    await streams.make("a", "b")
    with pytest.raises(RuntimeError, match="no outage"):
        await streams.reading("a")
    first = streams.reading("a")
    await until_async(streams.one_blocked)
    with pytest.raises(RuntimeError, match="no outage"):  # the look's
        await streams.reading("b")
    streams.reading("b").cancel()
    first.cancel()


async def test_i14_everything_comes_once_however_long_who_reads_takes(streams: Streams) -> None:
    names = [f"s{number}" for number in range(6)]
    await streams.make(*names)
    pace = random.Random(7)
    taken: list[str] = []

    async def take(name: str) -> None:
        while True:
            taken.extend(await streams.reading(name))
            await asyncio.sleep(pace.choice([0, 0, 0.001, 0.02]))

    sent = [f"{name}-{number}" for number in range(40) for name in names]
    takers = [asyncio.create_task(take(name)) for name in names]
    async with asyncio.timeout(30):
        for each in sent:
            await streams.send(each.partition("-")[0], each)
            await asyncio.sleep(pace.choice([0, 0, 0.003]))
        async with asyncio.timeout(SOON_S):
            await until(lambda: len(taken) == len(sent))
    for taker in takers:
        taker.cancel()
    await asyncio.wait(takers)
    assert sorted(taken) == sorted(sent)
