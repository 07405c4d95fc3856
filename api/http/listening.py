"""Where the server listens. Nothing listens beyond loopback without a key: what an address means is looked up before."""

import ipaddress
import socket
from collections.abc import Sequence
from typing import NamedTuple

from awe.api.http.keys import Keys


class CannotListen(Exception):  # noqa: N818 (named for the fact)
    """The message says why; `hint` what to do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class Listening(NamedTuple):
    """Bound sockets; `on_loopback` when nobody but this machine reaches any of them."""

    sockets: Sequence[socket.socket]
    on_loopback: bool

    @property
    def urls(self) -> Sequence[str]:
        """Where each is reached."""
        return [_url(each) for each in self.sockets]

    def close(self) -> None:
        for each in self.sockets:
            each.close()


def listen(host: str, port: int, keys: Keys) -> Listening:
    """Bind every address that the host has.

    Raises:
        CannotListen: there is no such address, it is taken, or it lies beyond loopback and there are no keys.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        hint = "Let AWE_HTTP_HOST be an address of this machine, such as 127.0.0.1."
        raise CannotListen("host_unknown", f"The host {host!r} is not known.", hint) from None
    addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
    on_loopback = all(_is_loopback(str(address[0])) for _, address in addresses)
    if not on_loopback and not keys:
        raise CannotListen(
            "key_required",
            f"{host} can be reached from other machines, and there is no API key.",
            "Set AWE_API_KEY (20 characters or more) or AWE_API_KEYS_FILE, or let AWE_HTTP_HOST be 127.0.0.1.",
        )
    bound = Listening([], on_loopback)
    sockets: list[socket.socket] = []
    try:
        for family, address in addresses:
            sockets.append(_bound(family, (address[0], _port(sockets, port), *address[2:])))
    except OSError as error:
        for each in sockets:
            each.close()
        raise CannotListen(
            "address_unusable",
            f"{host}, port {port} cannot be listened on: {error.strerror}.",
            "Stop what listens there, or choose another AWE_HTTP_PORT.",
        ) from None
    return bound._replace(sockets=sockets)


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    # By the protocol asyncio knows that it must not wait for a packet to be full: 40 ms of each answer else.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except BaseException:
        made.close()
        raise
    return made


def _port(sockets: Sequence[socket.socket], port: int) -> int:
    """The same one for every address, also when any would do."""
    return int(sockets[0].getsockname()[1]) if sockets else port


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if bound.family == socket.AF_INET6 else f"http://{host}:{port}"
