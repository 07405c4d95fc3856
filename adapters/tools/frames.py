"""What the worker and a child process of heavy tools say to each other: frames of a kind, a length and bytes."""

import asyncio
import json
import socket
import struct
from enum import Enum
from typing import Any, Final, NamedTuple

from awe.adapters.exact_reading import receive_exactly

LONGEST: Final = 257 * 1024 * 1024
"""Room for the largest artifact."""

_HEAD: Final = struct.Struct("!cI")


class Kind(Enum):
    HELLO = b"H"  # to the child: how it is to look at the world
    READY = b"R"  # from it: imported, and waiting
    CALL = b"C"  # to it: what to run, then its arguments
    OUTPUT = b"O"  # from it: the artifacts made, then the output
    FAILURE = b"F"  # from it: why there is none
    STORE = b"S"  # from it: bytes to store
    LOAD = b"L"  # from it: the digest of bytes wanted
    BYTES = b"B"  # to it: those bytes, or the digest of those stored
    MISSING = b"M"  # to it: there are no such bytes
    REFUSED = b"X"  # to it: the bytes could not be stored or read


class Frame(NamedTuple):
    kind: Kind
    payload: bytes


def packed(kind: Kind, payload: bytes) -> bytes:
    return _HEAD.pack(kind.value, len(payload)) + payload


def with_head(head: dict[str, Any], body: bytes) -> bytes:
    """A line of JSON, then bytes as they are."""
    return json.dumps(head).encode() + b"\n" + body


def split_head(payload: bytes) -> tuple[Any, bytes]:
    head, _, body = payload.partition(b"\n")
    return json.loads(head), body


def send(channel: socket.socket, kind: Kind, payload: bytes) -> None:
    channel.sendall(packed(kind, payload))


def receive(channel: socket.socket) -> Frame:
    """The next frame; raises `EOFError` when the other side is gone."""
    kind, length = _HEAD.unpack(receive_exactly(channel, _HEAD.size))
    return Frame(Kind(kind), receive_exactly(channel, length))


async def receive_from(reader: asyncio.StreamReader) -> Frame:
    """Likewise, on an event loop; also raises `EOFError` for what is no frame."""
    kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
    if length > LONGEST:
        raise EOFError(f"a frame of {length:,} bytes is none of ours")
    return Frame(Kind(kind), await reader.readexactly(length))
