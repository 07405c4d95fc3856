"""What goes between a process and the one in which its expressions are evaluated: JSON behind its length in four bytes."""

import socket
import struct
from typing import Final

from awe.adapters.exact_reading import receive_exactly

MOST_BYTES: Final = 16 * 1024 * 1024
_LENGTH: Final = struct.Struct("!I")


def send(channel: socket.socket, message: bytes) -> None:
    """Send one message."""
    channel.sendall(_LENGTH.pack(len(message)) + message)


def receive(channel: socket.socket) -> bytes:
    """The next message; raises `EOFError` when the other side is gone."""
    return receive_exactly(channel, *_LENGTH.unpack(receive_exactly(channel, _LENGTH.size)))
