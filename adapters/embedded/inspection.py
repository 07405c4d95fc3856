"""Who uses the data of an embedded server, found out without becoming a user of it."""

import fcntl
import os
import pwd
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import psutil

from awe.adapters.embedded.home import Home, Kind
from awe.adapters.embedded.ownership import servers_in


@dataclass(frozen=True, slots=True)
class DataFolder:
    """`owner` is empty where the folder does not exist yet; `pids` are the servers at work in it, without their children."""

    path: Path
    owner: str
    pids: tuple[int, ...]
    locked: bool


def inspect(home: Home, kind: Kind) -> DataFolder:
    """Raises `OSError` where the home may not be looked into."""
    data = home.data(kind)
    return DataFolder(
        path=data,
        owner=_owner(data),
        pids=_servers(servers_in(data.resolve())),
        locked=_locked(home.lock(kind)),
    )


def _servers(pids: Collection[int]) -> tuple[int, ...]:
    """Those that no other of them has started: Postgres works in many processes, and Valkey forks to rewrite."""
    return tuple(sorted(pid for pid in pids if _parent(pid) not in {None, *pids}))


def _parent(pid: int) -> int | None:
    try:
        return psutil.Process(pid).ppid()
    except psutil.Error:  # it has ended
        return None


def _owner(folder: Path) -> str:
    try:
        uid = folder.stat().st_uid
    except FileNotFoundError:
        return ""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _locked(path: Path) -> bool:
    """Whether somebody holds the lock; asked with a shared lock, so that two who ask do not see each other."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
