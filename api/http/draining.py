"""The end of the process, as clients see it: who listens is told to come back, who waits for an answer still gets it."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from awe.api.graphql.media_types import takes_events
from awe.api.http.authentication import OPEN
from awe.api.http.codes import Code, Refusal
from awe.api.http.refused_handshake import refuse_handshake

RESTART: Final = 1012
"""Closes a web socket whose client should connect again: the server restarts."""

_FAREWELL: Final = b": the server restarts, connect again\n\n"


class Drain:
    """Knows what runs. It begins once, and is over when nothing runs any more."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._running = 0

    @property
    def begun(self) -> bool:
        return self._begun.is_set()

    def begin(self) -> None:
        """From now on nothing that lasts is begun, and what lasts is ended."""
        self._begun.set()

    async def beginning(self) -> None:
        """Wait until it begins."""
        await self._begun.wait()

    async def idle(self, within_s: float) -> bool:
        """Wait until no request runs; False when some still do after the time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        return self._idle.is_set()

    @contextmanager
    def running(self) -> Generator[None]:
        """Count one request, or one web socket."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()


class Draining:
    """When the drain begins, ends web sockets and streams of events, and lets everything else come to its end."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        with self._drain.running():
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_socket = scope["type"] == "websocket"
        lasts = is_socket or takes_events(",".join(Headers(scope=scope).getlist("accept")))
        if lasts and self._drain.begun:
            refusal = Refusal(Code.DRAINING, "This server is about to end. Connect again.")
            if is_socket:
                await refuse_handshake(refusal, scope, receive, send)
            else:
                await refusal.response(scope, receive, send)
        elif lasts:
            await self._until_begun(scope, receive, send)
        else:
            await self._app(scope, receive, self._closing(send))

    async def _until_begun(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = cut = over = False

        async def watched(message: Message) -> None:
            nonlocal accepted, over
            if cut:
                return
            accepted = accepted or message["type"] in {"websocket.accept", "http.response.start"}
            over = over or _ends(message)
            await send(message)

        work = asyncio.ensure_future(self._app(scope, receive, watched))
        leaving = asyncio.ensure_future(self._drain.beginning())
        try:
            await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and not over and (accepted or scope["type"] == "websocket"):
                cut = True
                await _say_farewell(scope, send)
                work.cancel()
            await asyncio.wait({work})
        finally:
            leaving.cancel()
            work.cancel()
            await asyncio.wait({work, leaving})
        if not work.cancelled():
            work.result()

    def _closing(self, send: Send) -> Send:
        """Let a connection go with its answer once the end has begun."""

        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start" and self._drain.begun:
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        return send_last


def _ends(message: Message) -> bool:
    if message["type"] == "http.response.body":
        return not bool(message.get("more_body"))
    return bool(message["type"] == "websocket.close")


async def _say_farewell(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": RESTART, "reason": "The server restarts"})
    else:
        # No `complete` is said: a client knows by that that its subscription is not over.
        await send({"type": "http.response.body", "body": _FAREWELL, "more_body": False})
