"""Whatever goes wrong leaves with a code, and with no word of an exception; what nobody expected is found by its id."""

import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from awe.api.faults import Kind, told
from awe.api.http.codes import OF_KIND, STATUS, Code, Refusal, not_found

_log = logging.getLogger(__name__)
_INTERNAL_ERROR = 1011


class Masked:
    """The last to see an exception: an answer that has not begun becomes a refusal, one that has is cut off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 (nothing passes)
            leaves = _leaves(error)
            if all(isinstance(each, (ClientDisconnect, WebSocketDisconnect)) for each in leaves):
                return
            refusal = _refusal(leaves[0], scope)
            if scope["type"] == "websocket":
                with suppress(RuntimeError):  # it may be closed already
                    await send({"type": "websocket.close", "code": _INTERNAL_ERROR})
            elif not begun:
                await refusal.response(scope, receive, send)


def _refusal(error: BaseException, scope: Scope) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, HTTPException):
        return _unroutable(error)
    known = told(error)
    if known is not None:
        code, message = OF_KIND[known.kind]
        if known.kind in {Kind.UNAVAILABLE, Kind.FAULT}:
            _log.warning("A request failed: %s: %s", known.code, known.message)
        return Refusal(code, message, fault=known.code)
    name = secrets.token_hex(8)
    # The route says which request it was; the path itself may hold what nobody should read here.
    route = getattr(scope.get("route"), "path", "no route")
    _log.error("A request to %s failed unexpectedly (error %s)", route, name, exc_info=error)
    return Refusal(Code.INTERNAL, "Something went wrong here.", errorId=name)


def _unroutable(error: HTTPException) -> Refusal:
    """What the router says of a path or a method."""
    if error.status_code == STATUS[Code.METHOD_NOT_ALLOWED]:
        message = "This path has no such method."
        return Refusal(Code.METHOD_NOT_ALLOWED, message, headers=error.headers)
    return not_found() if error.status_code == STATUS[Code.NOT_FOUND] else _unreadable()


def _unreadable() -> Refusal:
    return Refusal(Code.BAD_REQUEST, "The request cannot be read.")


def _leaves(error: BaseException) -> Sequence[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    group = cast("BaseExceptionGroup[BaseException]", error)
    return [leaf for each in group.exceptions for leaf in _leaves(each)]
