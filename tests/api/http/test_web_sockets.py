"""A web socket shows its key in a header or in its first message, or it is closed before GraphQL hears of it."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from awe.api.http.limits import HttpLimits
from support.http_door import BEARER, KEY, HttpDoor, Opening, closed_with

EVENTS = "subscription ($run: ID!) {runEvents(run: $run) {... on EventsAdded {events {type}}}}"


async def said(socket: ClientConnection, **message: Any) -> Any:
    await socket.send(json.dumps(message))
    return json.loads(await socket.recv())


async def follows(socket: ClientConnection, run: str) -> None:
    told = await said(socket, id="1", type="subscribe", payload={"query": EVENTS, "variables": {"run": run}})
    assert told["payload"]["data"]["runEvents"]["events"] == [{"type": "awe.run.goal_submitted/2"}], told


async def test_a_key_in_a_header_opens_it(door: HttpDoor) -> None:
    run = await door.submit()
    async with door.socket(**BEARER) as socket:
        assert (await said(socket, type="connection_init"))["type"] == "connection_ack"
        await follows(socket, run)
        assert "awe_graphql_subscriptions_open 1.0" in (await door.get("/metrics")).text
        assert "awe_http_web_sockets_open 1.0" in (await door.get("/metrics")).text


@pytest.mark.parametrize("member", ["authorization", "Authorization"])
async def test_a_key_in_the_first_message_opens_it(door: HttpDoor, member: str) -> None:
    run = await door.submit()
    async with door.socket() as socket:
        assert (await said(socket, type="ping"))["type"] == "pong"
        payload = {member: f"Bearer {KEY}", "other": 1}
        assert (await said(socket, type="connection_init", payload=payload))["type"] == "connection_ack"
        await follows(socket, run)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "connection_init"}, 4401),
        ({"type": "connection_init", "payload": None}, 4401),
        ({"type": "connection_init", "payload": {"authorization": f"Bearer {KEY}x"}}, 4401),
        ({"type": "connection_init", "payload": {"authorization": [KEY]}}, 4401),
        ({"type": "subscribe", "id": "1", "payload": {"query": "{projections {name}}"}}, 4401),
        ([], 4400),
        ("[" * 100_000, 4400),
        (b"\x00\x01", 4400),
    ],
)
async def test_whoever_shows_none_is_sent_away(door: HttpDoor, message: Any, code: int) -> None:
    async with door.socket() as socket:
        await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))
        assert await closed_with(socket) == code


async def test_a_key_must_come_soon(opening: Opening) -> None:
    async with opening(limits=HttpLimits(greeting_s=0.01)) as door, door.socket() as socket:
        assert await closed_with(socket) == 4408


async def test_a_client_that_leaves_before_it_greets_is_gone(door: HttpDoor) -> None:
    async with door.socket() as socket:
        await socket.close()
    async with door.socket(protocol=None) as socket:
        assert await closed_with(socket) == 4406


@pytest.mark.parametrize("headers", [{}, BEARER])
async def test_pages_of_other_origins_get_no_socket(opening: Opening, headers: dict[str, str]) -> None:
    async with opening(allowed_origins="https://console.example.org") as door:
        for origin in ("https://evil.example.org", "null"):
            with pytest.raises(InvalidStatus) as refused:
                async with door.socket(origin=origin, **headers):
                    pass
            assert refused.value.response.status_code == 403
            assert json.loads(refused.value.response.body or b"")["error"]["code"] == "origin_refused"
        for origin in ("https://console.example.org", door.url):
            async with door.socket(origin=origin, **BEARER) as socket:
                assert (await said(socket, type="connection_init"))["type"] == "connection_ack"


async def test_a_wrong_key_in_a_header_is_told_at_the_handshake(door: HttpDoor) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with door.socket(Authorization="Bearer wrong"):
            pass
    assert refused.value.response.status_code == 401


async def test_without_keys_this_machine_needs_none(opening: Opening) -> None:
    async with opening(keys={}) as door:
        async with door.socket() as socket:
            assert (await said(socket, type="connection_init"))["type"] == "connection_ack"
        with pytest.raises(InvalidStatus) as refused:
            async with door.socket(**{"X-Forwarded-For": "10.0.0.1"}):
                pass
        assert refused.value.response.status_code == 403


async def test_a_message_too_large_ends_the_socket(door: HttpDoor) -> None:
    async with door.socket(**BEARER) as socket:
        await socket.send("x" * 1_100_000)
        async with asyncio.timeout(30):
            assert await closed_with(socket) == 1009


async def test_there_is_one_path_for_them(door: HttpDoor) -> None:
    from websockets.asyncio.client import connect  # noqa: PLC0415

    with pytest.raises(InvalidStatus):
        async with connect(f"ws://127.0.0.1:{door.port}/other", additional_headers=BEARER, proxy=None):
            pass
