"""The first message over a web socket whose client could send no header: `connection_init` with a key in its payload.

The application behind sees the socket only when the key was a known one, and never sees the key.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

from starlette.types import Message, Receive, Scope, Send

from awe.api.graphql.services import Caller

PROTOCOL: Final = "graphql-transport-ws"
UNAUTHORIZED: Final = 4401
_BAD_REQUEST: Final = 4400
_TOO_LATE: Final = 4408
_NO_PROTOCOL: Final = 4406
_MEMBER: Final = "authorization"


class Opened(NamedTuple):
    """A socket with a caller; `receive` and `send` are as if nothing had been said yet."""

    caller: Caller
    receive: Receive
    send: Send


class _Ended(Exception):  # noqa: N818 (named for the fact)
    """The socket is closed with this code, or was closed by the client."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        self.code = code
        self.reason = reason


async def greeted(
    named: Callable[[str], Caller | None], receive: Receive, send: Send, scope: Scope, *, within_s: float
) -> Opened | None:
    """Accept the socket and wait for its key; None when it was closed for lack of one."""
    if (await receive())["type"] != "websocket.connect":
        return None
    protocol = PROTOCOL if PROTOCOL in scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": protocol})
    if protocol is None:
        await _close(send, _NO_PROTOCOL, "Subprotocol not acceptable")
        return None
    try:
        async with asyncio.timeout(within_s):
            init = await _init(receive, send)
        found, bare = _without_key(init, named)
    except TimeoutError:
        await _close(send, _TOO_LATE, "Connection initialisation timeout")
    except _Ended as ended:
        if ended.code is not None:
            await _close(send, ended.code, ended.reason)
    else:
        said = {"type": "websocket.receive", "text": json.dumps(bare)}
        return Opened(found, _after([{"type": "websocket.connect"}, said], receive), _once_accepted(send))
    return None


async def _init(receive: Receive, send: Send) -> dict[str, Any]:
    while True:
        message = await receive()
        if message["type"] != "websocket.receive":
            raise _Ended(None)
        try:
            said: Any = json.loads(message.get("text") or "")
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise _Ended(_BAD_REQUEST, "Expected connection_init")
        told = cast("dict[str, Any]", said)
        if told.get("type") == "connection_init":
            return told
        if told.get("type") != "ping":
            raise _Ended(UNAUTHORIZED, "Unauthorized")
        await send({"type": "websocket.send", "text": '{"type":"pong"}'})


def _without_key(
    init: dict[str, Any], named: Callable[[str], Caller | None]
) -> tuple[Caller, dict[str, Any]]:
    payload: Any = init.get("payload")
    members = cast("dict[str, Any]", payload) if isinstance(payload, dict) else {}
    given = next((value for name, value in members.items() if name.lower() == _MEMBER), None)
    found = named(given) if isinstance(given, str) else None
    if found is None:
        raise _Ended(UNAUTHORIZED, "Unauthorized")
    rest = {name: value for name, value in members.items() if name.lower() != _MEMBER}
    return found, {"type": "connection_init", "payload": rest}


def _after(first: list[Message], receive: Receive) -> Receive:
    async def next_message() -> Message:
        return first.pop(0) if first else await receive()

    return next_message


def _once_accepted(send: Send) -> Send:
    async def send_after(message: Message) -> None:
        if message["type"] != "websocket.accept":
            await send(message)

    return send_after


async def _close(send: Send, code: int, reason: str) -> None:
    await send({"type": "websocket.close", "code": code, "reason": reason})
