"""A web socket that is refused before it is one: with a status and words, where the server can send them."""

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from awe.api.http.codes import Refusal


async def refuse_handshake(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the handshake with the refusal."""
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await WebSocket(scope, receive, send).send_denial_response(refusal.response)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": refusal.code.value})
