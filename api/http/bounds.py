"""No request takes more of this process than it may: bytes of its body, time until its answer begins, and patience after.

Once an answer has begun it may go on for as long as its client takes each piece of it within a while.
"""

import asyncio
import logging
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from awe.api.http.codes import Code, Refusal
from awe.api.http.limits import HttpLimits

_log = logging.getLogger(__name__)
_NUMBER_DIGITS: Final = 18


class TooSlow(Exception):  # noqa: N818 (named for the fact)
    """The client does not take what it asked for."""


class Bounded:
    """Refuses, ends or cuts off what exceeds the limits."""

    def __init__(self, app: ASGIApp, limits: HttpLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._cut_off_the_slow(self._app, scope, receive, send)
            return
        _refuse_by_length(Headers(scope=scope), self._limits.body_bytes)
        await self._cut_off_the_slow(self._in_time, scope, receive, send)

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        read, whole, begun = 0, False, False
        clock = asyncio.timeout(self._limits.answer_s)

        async def receive_counted() -> Message:
            nonlocal read, whole
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if read > self._limits.body_bytes:
                    raise _too_large(self._limits.body_bytes)
            return message

        async def send_begun(message: Message) -> None:
            nonlocal begun
            if not begun:
                begun = True
                clock.reschedule(None)
            await send(message)

        try:
            async with clock:
                await self._app(scope, receive_counted, send_begun)
        except TimeoutError:
            if begun or not clock.expired():
                raise
            if whole or scope["method"] in {"GET", "HEAD"}:
                raise Refusal(
                    Code.TIMEOUT, "The answer took too long. Ask for less, or again later."
                ) from None
            raise Refusal(Code.BODY_TOO_SLOW, "The request did not come in time.") from None

    async def _cut_off_the_slow(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(self._limits.send_s):
                    await send(message)
            except TimeoutError:
                raise TooSlow from None

        try:
            await app(scope, receive, send_in_time)
        except* TooSlow:
            _log.warning(
                "A client took nothing of its answer for %g seconds and was cut off", self._limits.send_s
            )


def _refuse_by_length(headers: Headers, at_most: int) -> None:
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > _NUMBER_DIGITS or int(length) > at_most):
        raise _too_large(at_most)


def _too_large(at_most: int) -> Refusal:
    return Refusal(Code.TOO_LARGE, f"A request has at most {at_most} bytes.", limit=at_most)


__all__ = ["Bounded", "TooSlow"]
