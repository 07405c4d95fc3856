"""The end of a server: not ready at once, subscribers told to come back, what is asked still answered."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from awe.api.http.draining import Drain, Draining
from awe.api.http.limits import HttpLimits
from support.http_door import BEARER, HttpDoor, Opening, closed_with, code_of
from support.waiting import until

EVENTS = "subscription ($run: ID!) {runEvents(run: $run) {... on EventsAdded {events {type}}}}"


async def subscribe(socket: ClientConnection, run: str) -> None:
    await socket.send('{"type": "connection_init"}')
    await socket.recv()
    payload = {"query": EVENTS, "variables": {"run": run}}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
    await socket.recv()


def waiting_request(body: bytes) -> bytes:
    """A request whose body has not come yet: it runs while the server drains."""
    head = {**BEARER, "Host": "localhost", "Content-Type": "application/json", "Content-Length": len(body)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"POST /graphql HTTP/1.1\r\n{lines}\r\n".encode()


async def until_running(door: HttpDoor, count: int) -> None:
    running = door.application.metrics.running
    await until(lambda: next(iter(running.collect())).samples[0].value == count)


async def test_a_drain_sends_subscribers_away_and_lets_requests_end(door: HttpDoor) -> None:
    run = await door.submit()
    body = b'{"query": "{projections {name}}"}'
    told = json.dumps({"query": EVENTS, "variables": {"run": run}})
    headers = {"Accept": "text/event-stream", "Content-Type": "application/json"}
    async with door.connection() as (reader, writer):
        async with (
            door.socket(**BEARER) as socket,
            door.socket() as greeting,
            door.keyed.stream("POST", "/graphql", content=told, headers=headers) as events,
        ):
            await subscribe(socket, run)
            lines = events.aiter_lines()
            while "goal_submitted" not in await anext(lines):
                pass
            writer.write(waiting_request(body))
            await until_running(door, 2)
            door.stop.set()
            for each in (socket, greeting):
                assert await closed_with(each) == 1012
            rest = [line async for line in lines]
            assert ": the server restarts, connect again" in rest
            assert "event: complete" not in rest

        ready = await door.bare.get("/readyz")
        assert ready.status_code == 503
        assert [each["code"] for each in ready.json()["reasons"]] == ["draining"]
        assert (await door.bare.get("/healthz")).status_code == 200
        with pytest.raises(InvalidStatus) as refused:
            async with door.socket(**BEARER):
                pass
        assert refused.value.response.status_code == 503
        again = await door.keyed.post("/graphql", content=told, headers=headers)
        assert (again.status_code, code_of(again)) == (503, "draining")

        assert not door.served.done()
        writer.write(body)
        answer = await reader.read()
        assert b" 200 " in answer.splitlines()[0]
        assert b"connection: close" in answer.lower()
        await door.served
    with pytest.raises(OSError, match="Connect"):
        await asyncio.open_connection("127.0.0.1", door.port)


async def test_what_does_not_end_in_time_is_cut_off(
    opening: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        opening(limits=HttpLimits(drain_s=0.05, leaving_s=0)) as door,
        door.connection() as (_, writer),
    ):
        writer.write(waiting_request(b"body"))
        await until_running(door, 1)
        door.stop.set()
        await door.served
        assert "are cut off" in caplog.text


async def test_whoever_is_cancelled_takes_its_work_along() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def nothing(*_message: Any) -> Any:
        return {}

    drain = Drain()
    scope: dict[str, Any] = {"type": "websocket", "path": "/graphql", "headers": []}
    work = asyncio.create_task(Draining(app, drain)(scope, nothing, nothing))
    await began.wait()
    work.cancel()
    await asyncio.wait({work})
    assert ended.is_set()
    assert await drain.idle(0)


async def test_a_query_of_a_subscriber_that_has_not_begun_to_answer_still_does() -> None:
    began, go, sent = asyncio.Event(), asyncio.Event(), list[Any]()

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        began.set()
        await go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"answer"})

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    drain = Drain()
    scope: dict[str, Any] = {
        "type": "http",
        "path": "/graphql",
        "headers": [(b"accept", b"text/event-stream")],
    }
    work = asyncio.create_task(Draining(app, drain)(scope, receive, send))
    await began.wait()
    drain.begin()
    go.set()
    await work
    assert sent[-1]["body"] == b"answer"


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
async def test_a_server_that_sends_no_refusal_in_words_closes(extensions: dict[str, Any]) -> None:
    sent = list[Any]()

    async def nothing(*_message: Any) -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    drain = Drain()
    drain.begin()
    scope: dict[str, Any] = {"type": "websocket", "path": "/graphql", "headers": [], "extensions": extensions}
    await Draining(nothing, drain)(scope, nothing, send)
    assert sent[0] == ("websocket.http.response.start" if extensions else "websocket.close")
