"""What the operating system refuses, as a fault that says what to do."""

import errno
import shutil
from pathlib import Path

from awe.adapters.servers.faults import Fault, ServerError

SPACE_BYTES = 64_000_000
FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def as_fault(error: ServerError | OSError, home: Path) -> Fault:
    if isinstance(error, ServerError):
        return error.fault
    if error.errno in FULL:
        return disk_full(home)
    if error.errno in FORBIDDEN:
        return Fault(
            "no_permission",
            f"{error.filename or home} may not be used: {error.strerror}.",
            "Give the user that runs awe this folder, or set AWE_HOME to another one.",
        )
    return Fault(
        "start_failed",
        f"The embedded server in {home} cannot be started: {error}.",
        "Set AWE_HOME to another folder.",
    )


def ensure_space(home: Path) -> None:
    """Fail early and clearly where the servers would soon fail late.

    Raises:
        ServerError: the disk is all but full.
    """
    if shutil.disk_usage(home).free < SPACE_BYTES:
        raise ServerError(disk_full(home))


def disk_full(home: Path) -> Fault:
    return Fault(
        "disk_full",
        f"The disk that holds {home} is full.",
        f"Free at least {SPACE_BYTES // 1_000_000} MB, or move the folder and set AWE_HOME to its new place.",
    )
