"""Blobs as files: the blob of digest `abcdef…` is the file `ab/cdef…`, whole and durable or not there at all.

A blob is written beside its place, synced and renamed there, so a reader never sees half of one, and whoever stores
the same bytes at the same time does no harm. Only the owner may read. Bytes are checked against their digest when
read, and before they are taken for stored: a disk that lies is found out, and storing them again mends it.
"""

import asyncio
import hashlib
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from awe.commands.blobs import BlobMissing

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PRIVATE: Final = 0o700


class FileBlobs:
    """The port's implementation; `store` and `load` are `put` and `get` for those without an event loop."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when something is first stored."""
        self.folder = folder

    async def put(self, data: bytes) -> str:
        return await asyncio.to_thread(self.store, data)

    async def get(self, digest: str) -> bytes:
        return await asyncio.to_thread(self.load, digest)

    def store(self, data: bytes) -> str:
        """Store bytes durably and return their digest."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if not _holds(path, digest):
            _make(path.parent)
            _write(path, data)
        _sync(path.parent)  # also of a file that somebody else has just renamed there
        return digest

    def load(self, digest: str) -> bytes:
        """Return the bytes of a digest, checked against it.

        Raises:
            BlobMissing: there are none, they are damaged, or the text is no digest.
        """
        try:
            data = self.path(digest).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(f"no blob {digest} is stored in {self.folder}") from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise BlobMissing(
                f"blob {digest} in {self.folder} is damaged; store it again or restore the file"
            )
        return data

    def path(self, digest: str) -> Path:
        """Where the bytes of a digest lie, or would.

        Raises:
            BlobMissing: the text is no digest.
        """
        if _DIGEST.fullmatch(digest) is None:
            raise BlobMissing(f"{digest[:80]!r} is no SHA-256 in lowercase hex")
        return self.folder / digest[:2] / digest[2:]


def _holds(path: Path, digest: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)  # 0600
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise


def _make(folder: Path) -> None:
    """Make the folder, each missing one above it too, and let none of them be forgotten."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=_PRIVATE, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
