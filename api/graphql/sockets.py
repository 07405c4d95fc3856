"""Messages of a web socket, before the protocol's own handler sees them: a malformed one closes it with 4400.

The handler takes members as they come, and would end with an error of its own where one has the wrong type.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final, cast

from strawberry.asgi import ASGIWebSocketAdapter

from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.requests import asked

_REASON_BYTES: Final = 123
"""What a close frame has room for."""

_KNOWN: Final = frozenset({"connection_init", "ping", "pong", "subscribe", "complete"})
_MALFORMED: Final[Mapping[str, object]] = {}
"""Has no type, and is what the handler refuses with 4400."""


class Socket(ASGIWebSocketAdapter):
    """One web socket."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """The messages, each well-formed or empty."""
        async with aclosing(super().iter_json(ignore_parsing_errors=ignore_parsing_errors)) as messages:
            async for message in messages:
                yield message if _well_formed(message) else _MALFORMED

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message, with a code in every error."""
        if message.get("type") == "error":
            message = {**message, "payload": [_coded(each) for each in cast("Any", message["payload"])]}
        await super().send_json(message)

    async def close(self, code: int, reason: str) -> None:
        """Close it with as much of the reason as there is room for."""
        await super().close(code, reason.encode()[:_REASON_BYTES].decode(errors="ignore"))


def _well_formed(message: object) -> bool:
    if not isinstance(message, dict):
        return False
    told = cast("dict[str, Any]", message)
    kind = told.get("type")
    if not isinstance(kind, str) or kind not in _KNOWN:
        return False
    if kind in {"subscribe", "complete"} and not isinstance(told.get("id"), str):
        return False
    if kind != "subscribe":
        return True
    try:
        asked(told.get("payload"))
    except Refused:
        return False
    return True


def _coded(error: dict[str, Any]) -> dict[str, Any]:
    """The handler's own error has no code: there are too many operations on this socket."""
    return error if "extensions" in error else {**error, "extensions": {"code": Code.OVERLOADED.value}}
