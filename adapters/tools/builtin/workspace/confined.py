"""Files below one folder and nowhere else, whatever the path says and whoever puts links there meanwhile.

Every folder on the way is opened inside the one before and no link is followed, so there is no moment between a
check and a use. Paths are relative, with `/`, without `.` and `..`.
"""

import os
import secrets
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from awe.adapters.tools.builtin.refusal import refused

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_LONGEST: Final = 1_024
_PRIVATE: Final = 0o700
_PARTIAL: Final = ".awe-partial-"


class Entry(NamedTuple):
    path: str
    bytes: int


def parts_of(path: str) -> list[str]:
    """The names on the way; raises `ToolError` for a path that is none or leads elsewhere."""
    parts = path.split("/")
    if len(path) > _LONGEST or not path.isprintable() or any(part in {"", ".", ".."} for part in parts):
        raise refused(f"'{path[:80]}' is no path inside the workspace; write one like notes/summary.md")
    return parts


def read(root: Path, path: str, at_most: int) -> tuple[bytes, int]:
    """The first bytes of a file, and how many it has."""
    *folders, name = parts_of(path)
    with _folder(root, folders, path, make=False) as folder:
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            raise refused(f"the workspace has no file '{path}'; workspace.list says what it has") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise refused(f"'{path}' is no file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(at_most), found.st_size
    finally:
        os.close(descriptor)


def write(root: Path, path: str, data: bytes) -> None:
    """Put a file in place, whole or not at all; folders on the way are made."""
    *folders, name = parts_of(path)
    with _folder(root, folders, path, make=True) as folder:
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                raise refused(f"'{path}' is there and is no file")
        beside = f"{_PARTIAL}{secrets.token_hex(8)}"
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(beside, dir_fd=folder)
            raise


def walk(root: Path) -> Iterator[Entry]:
    """Every regular file, folder by folder; links, and what is being written, are passed over."""
    for folder, folders, files, descriptor in os.fwalk(root, follow_symlinks=False):
        folders.sort()
        for name in sorted(files):
            found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and not name.startswith(_PARTIAL):
                yield Entry(Path(folder, name).relative_to(root).as_posix(), found.st_size)


@contextmanager
def _folder(root: Path, names: list[str], path: str, *, make: bool) -> Generator[int]:
    """A descriptor of the folder that the names lead to."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in names:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, _PRIVATE, dir_fd=descriptor)
            try:
                inner = os.open(name, _FOLDER, dir_fd=descriptor)
            except OSError as error:
                raise refused(f"'{path}' leads over '{name}', which is no folder of the workspace") from error
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)
