"""The System V segment by which Postgres guards its data folder outlives a kill, and nobody but us would take it away.

A machine holds a few thousand of them; then no Postgres starts there any more.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

IPC_RMID = 0
SEGMENT_LINE = 6  # of postmaster.pid: "key id"


def release_shared_memory(folder: Path) -> None:
    """Remove the segments of all servers below the folder, whose data are to be removed too."""
    libc = ctypes.CDLL(None)
    for segment in segments(folder):
        libc.shmctl(segment, IPC_RMID, None)


def segments(folder: Path) -> Iterator[int]:
    """The ids of the segments that pid files below the folder name."""
    for place, folders, files in os.walk(folder):
        if "postmaster.pid" in files:
            folders.clear()
            with suppress(OSError):  # a server that is stopping takes its file away
                lines = Path(place, "postmaster.pid").read_text().splitlines()
                yield from (int(each.split()[1]) for each in lines[SEGMENT_LINE : SEGMENT_LINE + 1] if each)
