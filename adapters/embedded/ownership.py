"""At most one server writes to a data folder: who holds the lock may start one.

The server inherits the lock, and its children too, so the lock ends with the last process that may write, however
the others ended. A lock file that is left over means nothing: the kernel drops the lock with its holders.
"""

import errno
import fcntl
import os
from pathlib import Path

from awe.adapters.servers.faults import ServerError

SERVER_NAMES = ("postgres", "redis", "valkey")
NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


def take_lock(path: Path) -> int | None:
    """The locked file's descriptor, or None where another process holds the lock.

    Raises:
        ServerError: the file system has no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        if error.errno in NO_LOCKS:
            raise ServerError.of(
                "home_without_locks",
                f"The file system of {path.parent} has no file locks, so the data in it cannot be kept safe.",
                "Set AWE_HOME to a folder on a local disk.",
            ) from error
        raise
    return descriptor


def servers_in(data: Path) -> list[int]:
    """The pids of the servers at work in the data folder, whoever started them: it is their current folder."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and _works_in(entry, data)
    ]


def ensure_unused(data: Path) -> None:
    """Fail where a server that was not started by awe, and so holds no lock, uses the data.

    Raises:
        ServerError: names its pid.
    """
    pids = servers_in(data)
    if pids:
        raise second_instance(data, pids)


def second_instance(data: Path, pids: list[int]) -> ServerError:
    who = (
        f"process {', '.join(map(str, sorted(pids)))}" if pids else "a process that cannot be seen from here"
    )
    return ServerError.of(
        "second_instance",
        f"The data in {data} is in use by {who}, which does not answer as an embedded server of awe.",
        "Stop it, then try again; or set AWE_HOME to another folder.",
    )


def _works_in(process: Path, data: Path) -> bool:
    try:
        name = (process / "comm").read_text()
        return name.startswith(SERVER_NAMES) and (process / "cwd").readlink() == data
    except OSError:  # it has ended, or belongs to another user
        return False
