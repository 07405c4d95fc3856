"""No request takes more than it may: not with its body, not with its time, and not by being slow."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from awe.api.http.bounds import Bounded
from awe.api.http.codes import Code, Refusal
from awe.api.http.connections import Housekeeping
from awe.api.http.limits import HttpLimits
from support.http_door import BEARER, HttpDoor, Opening, code_of
from support.waiting import until

QUERY = '{"query": "{projections {name}}"}'


async def test_a_body_is_as_large_as_it_may_be(opening: Opening) -> None:
    async with opening(http_body_bytes=2_000) as door:
        fits = QUERY + " " * (2_000 - len(QUERY))
        headers = {"Content-Type": "application/json"}
        assert (await door.keyed.post("/graphql", content=fits, headers=headers)).status_code == 200

        async def chunks() -> AsyncGenerator[bytes]:
            for _ in range(30):
                yield b" " * 100

        for content in (fits + " ", chunks()):
            answer = await door.keyed.post("/graphql", content=content, headers=headers)
            assert (answer.status_code, code_of(answer)) == (413, "too_large")
            assert answer.json()["error"]["limit"] == 2_000
        told = await door.raw("/graphql", "POST", **{"Content-Length": "9" * 18})
        assert (told.status, code_of(told)) == (413, "too_large")


async def test_a_body_that_does_not_come_is_not_waited_for(opening: Opening) -> None:
    async with opening(http_timeout_s=0.05) as door:
        head = f"Authorization: {BEARER['Authorization']}\r\nContent-Type: application/json\r\nContent-Length: 50"
        async with door.connection() as (reader, writer):
            writer.write(f"POST /graphql HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{{".encode())
            assert b" 408 " in await reader.readline()


def a_request() -> tuple[Scope, Receive, list[Message], Send]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    return {"type": "http", "method": "GET", "headers": []}, receive, sent, send


async def test_an_answer_must_begin_soon_and_may_then_go_on() -> None:
    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.Event().wait()

    async def goes_on(scope: Scope, receive: Receive, send: Send) -> None:
        async def words() -> AsyncGenerator[str]:
            yield "a"
            await asyncio.sleep(0.05)
            yield "b"

        await StreamingResponse(words())(scope, receive, send)

    limits = HttpLimits(answer_s=0.01)
    scope, receive, sent, send = a_request()
    with pytest.raises(Refusal) as refused:
        await Bounded(never, limits)(scope, receive, send)
    assert refused.value.code is Code.TIMEOUT
    assert not sent
    await Bounded(goes_on, limits)({**scope, "asgi": {"spec_version": "2.4"}}, receive, send)
    assert b"".join(message.get("body", b"") for message in sent) == b"ab"


async def test_a_time_that_ran_out_inside_is_no_timeout_of_the_request() -> None:
    async def fails(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise TimeoutError

    scope, receive, _, send = a_request()
    with pytest.raises(TimeoutError):
        await Bounded(fails, HttpLimits())(scope, receive, send)


async def test_whoever_takes_nothing_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    async def stuck(_message: Message) -> None:
        await asyncio.Event().wait()

    scope, receive, _, _ = a_request()
    app: Any = PlainTextResponse("text")
    await Bounded(app, HttpLimits(send_s=0.01))(scope, receive, stuck)
    assert "was cut off" in caplog.text


async def test_a_slow_client_holds_up_nobody(opening: Opening, caplog: pytest.LogCaptureFixture) -> None:
    async with opening(limits=HttpLimits(send_s=0.2)) as door:
        digest = await door.kit.blobs.put(b"x" * 30_000_000)
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            slow.connect(("127.0.0.1", door.port))
            request = f"GET /blobs/{digest} HTTP/1.1\r\nHost: localhost\r\n"
            slow.sendall(f"{request}Authorization: {BEARER['Authorization']}\r\n\r\n".encode())
            await until(lambda: "was cut off" in caplog.text)
            assert (await door.get(f"/blobs/{digest}", Range="bytes=0-9")).content == b"x" * 10
            # The rest that waits for the client is given up too, or the connection would never go away.
            slow.setblocking(False)  # noqa: FBT003

            def gone() -> bool:
                try:
                    return not slow.recv(1_000_000)
                except BlockingIOError:
                    return False
                except ConnectionResetError:
                    return True

            await until(gone)


async def test_whoever_sends_no_request_is_sent_away(opening: Opening) -> None:
    async with opening(limits=HttpLimits(headers_s=0.05)) as door:
        for said in (b"", b"GET / HTTP/1.1\r\nHost: a\r\nX: "):
            async with door.connection() as (reader, writer):
                writer.write(said)
                with suppress(ConnectionResetError):
                    assert await reader.read() == b""


async def test_headers_have_a_limit(door: HttpDoor, caplog: pytest.LogCaptureFixture) -> None:
    with suppress(ConnectionResetError, BrokenPipeError):  # it may be closed before all of them came
        answer = await door.raw("/healthz", **{"X-Long": "x" * 1_000_000})
        assert answer.status == 400
    assert "Invalid HTTP request" in caplog.text


class _Transport:
    def __init__(self) -> None:
        self.aborted = 0
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.aborted += 1


class _Connection:
    def __init__(self) -> None:
        self.transport: Any = _Transport()
        self.timeout_keep_alive_task: Any = None
        self.cycle: Any = None


class _Socket:
    def __init__(self) -> None:
        self.transport = _Transport()


def test_connections_are_ended_for_what_they_wait_for() -> None:
    keeping = Housekeeping(headers_s=10, closing_s=5)
    idle, kept, closing, unmade, web_socket = *(_Connection() for _ in range(4)), _Socket()
    kept.timeout_keep_alive_task = object()
    closing.transport.closing = True
    unmade.transport = None
    all_of_them = [idle, kept, closing, unmade, web_socket]
    for now_s in (0, 4, 8):
        keeping.look(all_of_them, now_s)
    assert (idle.transport.aborted, closing.transport.aborted) == (0, 1)
    keeping.look(all_of_them, 11)
    assert (idle.transport.aborted, kept.transport.aborted, web_socket.transport.aborted) == (1, 0, 0)


async def test_what_is_no_http_is_refused(door: HttpDoor) -> None:
    async with door.connection() as (reader, writer):
        writer.write(b"\x16\x03\x01\x00\xff\r\n\r\n")
        assert b" 400 " in await reader.readline()
    answer = await door.raw("/graphql", "POST", **{"Content-Type": "application/json"})
    assert answer.status in {200, 400}
    assert json.loads(answer.body)["errors"]
