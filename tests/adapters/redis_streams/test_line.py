"""Commands of one process on a connection of their own: each call has its time, and no reply is taken for another's."""

from collections.abc import AsyncIterator

import pytest

from awe.adapters.redis_streams.connection import AsyncClient, RedisError, connect
from awe.adapters.redis_streams.line import Line, line


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[AsyncClient]:
    made = connect(valkey_url)
    yield made
    await made.aclose()


@pytest.fixture
async def sending(client: AsyncClient) -> AsyncIterator[Line]:
    made = line(client)
    yield made
    await made.aclose()


async def test_an_error_stands_in_its_commands_place(sending: Line) -> None:
    first, wrong, last = await sending.send([("PING",), ("NO-SUCH-COMMAND",), ("ECHO", "x")])
    assert (first, last) == (b"PONG", b"x")
    assert isinstance(wrong, RedisError)


async def test_a_call_waits_as_long_as_it_is_told(sending: Line, keyspace: str) -> None:
    nothing = ("BLPOP", f"{keyspace}none", 30)
    assert all(
        isinstance(reply, RedisError) for reply in await sending.send([nothing, ("PING",)], timeout_s=0.05)
    )
    assert await sending.send([("ECHO", "of this call")]) == [b"of this call"]


async def test_a_call_may_wait_longer_than_others(
    sending: Line, keyspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.adapters.redis_streams.line.SOCKET_TIMEOUT_S", 0.01)
    assert await sending.send([("BLPOP", f"{keyspace}none", 0.1)], timeout_s=10) == [None]
