"""Reading from a socket just as many bytes as were asked for, however they arrive."""

import socket

_AT_ONCE = 1 << 20


def receive_exactly(channel: socket.socket, count: int) -> bytes:
    """The next `count` bytes; raises `EOFError` when the other side is gone before."""
    parts: list[bytes] = []
    while count:
        part = channel.recv(min(count, _AT_ONCE))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
