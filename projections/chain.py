"""The hash chain over a partition's log: what shows that a stored event was altered, dropped or moved.

It runs over positions and digests, not over the bytes themselves, so that the bytes of an event may be erased and
the chain still checks. It shows alteration only up to a value that was signed and kept elsewhere; it says nothing of
events that are not archived yet.
"""

from collections.abc import Iterable
from hashlib import sha256
from struct import Struct

GENESIS = bytes(32)
"""The chain's value before the first event."""

_length = Struct(">I").pack
_position = Struct(">Q").pack


def framed(type_name: bytes, meta: bytes, body: bytes) -> bytes:
    """Return an event's stored bytes, each field with its length before it, so none can run into the next."""
    fields = (_length(len(type_name)), type_name, _length(len(meta)), meta, _length(len(body)), body)
    return b"".join(fields)


def digest(type_name: bytes, meta: bytes, body: bytes) -> bytes:
    """Return the SHA-256 of an event's framed bytes."""
    return sha256(framed(type_name, meta, body)).digest()


def extend(chain: bytes, n: int, event_digest: bytes) -> bytes:
    """Return the chain's value after event ``n``, from its value after event ``n - 1``."""
    return sha256(chain + _position(n) + event_digest).digest()


def extend_all(chain: bytes, first: int, digests: Iterable[bytes]) -> bytes:
    """Return the chain's value after contiguous events, the first of them at position ``first``."""
    for n, event_digest in enumerate(digests, first):
        chain = sha256(
            chain + _position(n) + event_digest
        ).digest()  # as `extend`, without the price of a call
    return chain
