"""From where a request may come: pages of this server's own origin and of those allowed, and under which name it is reached.

What is no browser sends no Origin and carries nobody's rights along, so it is let through to where keys are asked for.
"""

import ipaddress
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.http.websocket_origin import is_same_origin, normalize_allowed_origins, normalize_origin

_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_MAX_AGE_S: Final = 600
_ALLOWED: Final = {
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": "Authorization, Content-Type, Accept, Range, If-None-Match, If-Range",
    "access-control-max-age": str(_MAX_AGE_S),
}
_SHOWN: Final = "ETag, Content-Range, Content-Disposition, Accept-Ranges, Awe-Position"


class Origins:
    """The origins whose pages may use this server besides its own."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = normalize_allowed_origins(allowed)

    def has(self, origin: str) -> bool:
        """Whether the origin is one of those allowed by name."""
        return normalize_origin(origin) in self._allowed

    def lets_in(self, headers: Headers) -> bool:
        """Whether a request that a page may have caused is let in."""
        origin = headers.get("origin")
        return origin is None or is_same_origin(origin, headers.get("host")) or self.has(origin)


def comes_directly(headers: Headers) -> bool:
    """Whether a request to a server on loopback comes from this machine, in its own name, and through no proxy.

    A name of somebody else's that leads to this machine is how a page in a browser gets around its origin.
    """
    if any(name in headers for name in _FORWARDED):
        return False
    try:
        host = urlsplit(f"//{headers.get('host', '').strip()}").hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class CrossOrigin:
    """Tells browsers that pages of the allowed origins may read what they asked for."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None or not self._origins.has(origin):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            told = {**_ALLOWED, "access-control-allow-origin": origin, "vary": "Origin"}
            await Response(status_code=204, headers=told)(scope, receive, send)
            return

        async def send_allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                to = MutableHeaders(scope=message)
                to["access-control-allow-origin"] = origin
                to["access-control-expose-headers"] = _SHOWN
                to.add_vary_header("Origin")
            await send(message)

        await self._app(scope, receive, send_allowed)
