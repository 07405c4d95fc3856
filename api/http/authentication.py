"""Who asks, before anything is answered but the health of the process.

A key comes as `Authorization: Bearer KEY`, and over a web socket, where browsers can send no such header, in the payload
of the first message. Without keys this server listens on loopback only, and answers what comes directly from there.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from awe.api.graphql.services import Caller
from awe.api.http.codes import Code, Refusal
from awe.api.http.greeting import greeted
from awe.api.http.keys import Keys
from awe.api.http.origins import Origins, comes_directly
from awe.api.http.refused_handshake import refuse_handshake

OPEN: Final = frozenset({"/healthz", "/readyz"})
METRICS: Final = "/metrics"
LOCAL: Final = Caller("http:local")
_CALLER: Final = "awe.caller"
_BEARER: Final = "bearer"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def caller(connection: HTTPConnection) -> Caller:
    """Who is behind a request that was let in."""
    known: Caller = connection.scope[_CALLER]
    return known


class Authentication:
    """Lets in who has a key, or whoever is on this machine where there are none."""

    def __init__(
        self, app: ASGIApp, keys: Keys, origins: Origins, *, on_loopback: bool, greeting_s: float
    ) -> None:
        """``on_loopback``: nobody but this machine reaches this server."""
        self._app = app
        self._keys = keys
        self._origins = origins
        self._on_loopback = on_loopback
        self._greeting_s = greeting_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        try:
            found = self._caller(scope)
        except Refusal as refusal:
            if scope["type"] == "websocket":
                await refuse_handshake(refusal, scope, receive, send)
                return
            await refusal.response(scope, receive, send)
            return
        if found is not None:
            scope[_CALLER] = found
            await self._app(scope, receive, send)
            return
        opened = await greeted(self._named, receive, send, scope, within_s=self._greeting_s)
        if opened is not None:
            scope[_CALLER] = opened.caller
            await self._app(scope, opened.receive, opened.send)

    def _caller(self, scope: Scope) -> Caller | None:
        """Who asks; None when a web socket has yet to say so.

        Raises:
            Refusal: the request is not let in.
        """
        headers = Headers(scope=scope)
        is_socket = scope["type"] == "websocket"
        if (is_socket or scope["method"] not in _SAFE) and not self._origins.lets_in(headers):
            raise Refusal(Code.ORIGIN_REFUSED, "Pages of this origin may not use this server.")
        directly = self._on_loopback and comes_directly(headers)
        if not self._keys:
            if directly:
                return LOCAL
            message = "Without API keys this server answers its own machine only: set AWE_API_KEY, or ask it as localhost."
            raise Refusal(Code.HOST_REFUSED, message)
        if directly and not is_socket and scope["path"] == METRICS:
            return LOCAL
        given = headers.get("authorization")
        if given is None and is_socket:
            return None
        found = None if given is None else self._named(given)
        if found is None:
            message = "Send a key of this installation: 'Authorization: Bearer KEY'."
            raise Refusal(Code.UNAUTHORIZED, message, headers={"WWW-Authenticate": "Bearer"})
        return found

    def _named(self, authorization: str) -> Caller | None:
        scheme, _, key = authorization.partition(" ")
        name = self._keys.name_of(key.strip()) if scheme.lower() == _BEARER else None
        return None if name is None else Caller(f"http:{name}")
