"""Files that may be handed out: blobs by digest, and what lies in a run's workspace. Nothing outside is ever opened.

Every folder on the way is opened inside the one before and no link is followed, so there is no moment between a check
and a use. A file is known by the digest of its bytes, which is taken once as long as the file stays as it is.
"""

import asyncio
import hashlib
import os
import stat
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from awe.adapters.artifacts.files import FileBlobs
from awe.adapters.artifacts.names import checked_name
from awe.commands.blobs import BlobMissing
from awe.domain.identifiers import parse_run_id

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PIECE: Final = 262_144
_REMEMBERED: Final = 10_000
_SETTLED_S: Final = 2.0
"""A file changed within this time may change again without its times telling."""


class NoSuchFile(Exception):  # noqa: N818 (named for the fact)
    """There is no such file where files may be opened."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A regular file, open for reading; whoever has it closes it."""

    descriptor: int
    size: int
    stamp: tuple[int, ...]
    changed_s: float

    @classmethod
    def at(cls, root: Path, parts: Sequence[str]) -> Self:
        """Open the file that the parts lead to, below a folder.

        Raises:
            NoSuchFile: there is none, or the way to it leads over a link.
        """
        *folders, name = parts
        try:
            inside = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                for folder in folders:
                    inner = os.open(folder, _FOLDER, dir_fd=inside)
                    os.close(inside)
                    inside = inner
                descriptor = os.open(name, _FILE, dir_fd=inside)
            finally:
                os.close(inside)
        except (OSError, ValueError):  # the last one for a NUL
            raise NoSuchFile from None
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            raise NoSuchFile
        stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        return cls(descriptor, found.st_size, stamp, max(found.st_mtime, found.st_ctime))

    def close(self) -> None:
        os.close(self.descriptor)

    async def pieces(self, first: int, count: int) -> AsyncGenerator[bytes]:
        """The bytes from ``first`` on, a piece at a time.

        Raises:
            OSError: the file cannot be read, or has become shorter meanwhile.
        """
        at, end = first, first + count
        while at < end:
            piece = await asyncio.to_thread(os.pread, self.descriptor, min(_PIECE, end - at), at)
            if not piece:
                raise OSError("A file became shorter while it was sent.")
            at += len(piece)
            yield piece


class Digests:
    """The digests of files, each taken once as long as its file stays as it is."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, ...], str] = OrderedDict()

    async def of(self, file: OpenFile) -> str:
        known = self._known.get(file.stamp)
        if known is not None:
            self._known.move_to_end(file.stamp)
            return known
        digest = await asyncio.to_thread(_digest, os.dup(file.descriptor))
        if time.time() - file.changed_s > _SETTLED_S:
            self._known[file.stamp] = digest
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return digest


class Files:
    """Opens what may be handed out."""

    def __init__(self, blobs: Path, workspaces: Path) -> None:
        """Both are folders that may come into being later."""
        self._blobs = FileBlobs(blobs)
        self._workspaces = workspaces
        self._digests = Digests()

    async def blob(self, digest: str) -> OpenFile:
        """Open a blob, checked against its digest.

        Raises:
            NoSuchFile: there is none, or that is no digest.
            BlobMissing: its bytes are damaged.
        """
        root = self._blobs.folder
        try:
            parts = self._blobs.path(digest).relative_to(root).parts
        except BlobMissing:
            raise NoSuchFile from None
        file = await asyncio.to_thread(OpenFile.at, root, parts)
        with ExitStack() as closing:
            closing.callback(file.close)
            if await self._digests.of(file) != digest:
                raise BlobMissing(f"blob {digest} in {root} is damaged; store it again or restore the file")
            closing.pop_all()
        return file

    async def of_workspace(self, run: str, path: str) -> tuple[OpenFile, str]:
        """Open a file of a run's workspace, and tell its digest.

        Raises:
            NoSuchFile: there is none inside the workspace.
            MalformedIdentifier: that is no run id.
        """
        try:
            parts = checked_name(path).split("/")
        except ValueError:
            raise NoSuchFile from None
        file = await asyncio.to_thread(OpenFile.at, self._workspaces, (parse_run_id(run), *parts))
        with ExitStack() as closing:
            closing.callback(file.close)
            digest = await self._digests.of(file)
            closing.pop_all()
        return file, digest


def _digest(descriptor: int) -> str:
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        hashed, at = hashlib.sha256(), 0
        while piece := os.pread(file.fileno(), _PIECE, at):
            hashed.update(piece)
            at += len(piece)
        return hashed.hexdigest()
