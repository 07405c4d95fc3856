"""The port of blobs: bytes under their SHA-256, for payloads too large for an event and for artifacts.

A blob is durable before the append that names it is sent, and is the same whoever stores it how often.
"""

from typing import Protocol


class BlobMissing(Exception):  # noqa: N818 (named for the fact)
    """No blob of that digest is in the store, or its bytes are no longer those of the digest."""


class Blobs(Protocol):
    async def put(self, data: bytes) -> str:
        """Store bytes durably and return their SHA-256 in hex."""
        ...

    async def get(self, digest: str) -> bytes:
        """Return the bytes of a digest, checked against it.

        Raises:
            BlobMissing: there are none.
        """
        ...
