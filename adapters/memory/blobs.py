"""Blobs in a dictionary, for tests, simulations and runs that nobody wants to keep."""

import hashlib

from awe.commands.blobs import BlobMissing


class MemoryBlobs:
    """The port's implementation; durable for as long as the object."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    async def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self._blobs[digest] = bytes(data)
        return digest

    async def get(self, digest: str) -> bytes:
        try:
            return self._blobs[digest]
        except KeyError:
            raise BlobMissing(f"no blob {digest[:80]!r} is stored here") from None

    def forget(self, digest: str) -> None:
        """Lose a blob, as a disk may."""
        self._blobs.pop(digest, None)
