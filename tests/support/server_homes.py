"""Folders for test servers: short (unix sockets allow 107 bytes), on tmpfs where there is one, gone afterwards.

A folder's name holds its owner's pid, so what a killed test session left is swept by the next one.
"""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from os import W_OK, X_OK, access, getpid
from pathlib import Path

import psutil

from support.shared_memory import release_shared_memory

PREFIX = "awe-tests-"
MEMORY = Path("/dev/shm")  # noqa: S108 - tmpfs; folders in it are made by mkdtemp
DISK = Path(tempfile.gettempdir())

_numbers = count(1)


@contextmanager
def server_homes(*, on_disk: bool = False) -> Generator[Path]:
    """A folder to put homes of servers into, reachable for the account that runs them."""
    where = DISK if on_disk or not access(MEMORY, W_OK | X_OK) else MEMORY
    _sweep(where)
    root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{getpid()}-", dir=where))
    root.chmod(0o711)
    try:
        yield root
    finally:
        remove_home(root)


def next_home(root: Path) -> Path:
    return root / str(next(_numbers))


def remove_home(home: Path) -> None:
    release_shared_memory(home)
    shutil.rmtree(home, ignore_errors=True)


def _sweep(where: Path) -> None:
    for left in where.glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            remove_home(left)
