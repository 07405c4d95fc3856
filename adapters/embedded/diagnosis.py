"""Why a server did not start, read from what it logged (in English: it runs with the locale C)."""

import re
from pathlib import Path

from awe.adapters.servers.faults import ServerError

TAIL_BYTES = 8000

CAUSES: tuple[tuple[str, str, str, str], ...] = (
    (
        r"No space left on device|Disk quota exceeded",
        "disk_full",
        "The disk that holds {data} is full.",
        "Free some space, or move the folder and set AWE_HOME to its new place.",
    ),
    (
        r"Can't handle RDB format version|not compatible with this version|unrecognized configuration parameter",
        "data_newer",
        "The data in {data} was written by a newer or different server than the one found.",
        "Install the server that wrote it, or set AWE_HOME to another folder.",
    ),
    (
        r"lock file \".*\" already exists|pre-existing shared memory block",
        "second_instance",
        "Another server uses the data in {data}.",
        "Stop it, then try again; or set AWE_HOME to another folder.",
    ),
    (
        r"Address already in use",
        "address_in_use",
        "Another server listens where this one should.",
        "Stop it, then try again; or set AWE_HOME to another folder.",
    ),
    (
        r"could not look up effective user ID",
        "no_passwd_entry",
        "The user that runs awe has no entry in /etc/passwd, which PostgreSQL needs.",
        "Add an entry for it, or set AWE_POSTGRES_URL to a running server.",
    ),
    (
        r"Bad file format reading the append only file|incorrect checksum|CRC error|Short read",
        "data_damaged",
        "The data in {data} is damaged.",
        "Keep a copy of the folder before anything else; restore a backup, or set AWE_HOME to another folder.",
    ),
    (
        r"invalid (?:primary )?checkpoint record|could not locate a valid checkpoint|invalid page in block",
        "data_damaged",
        "The data in {data} is damaged.",
        "Keep a copy of the folder before anything else; restore a backup, or set AWE_HOME to another folder.",
    ),
    (
        r"Permission denied|Operation not permitted|has wrong ownership|has invalid permissions",
        "no_permission",
        "The server may not use the data in {data}.",
        "See to it that one account owns all of the folder, or set AWE_HOME to another folder.",
    ),
    (
        r"Cannot allocate memory|could not (?:map|create) .*shared memory|Out Of Memory",
        "out_of_memory",
        "There is not enough memory to start the server.",
        "Free some memory, or set AWE_REDIS_URL and AWE_POSTGRES_URL to servers elsewhere.",
    ),
)


def why_not_started(log: Path, since: int, data: Path) -> ServerError:
    """The fault that the log tells of, from the byte `since` on."""
    with log.open("rb") as file:
        file.seek(max(since, log.stat().st_size - TAIL_BYTES))
        told = file.read().decode(errors="replace")
    for pattern, code, message, hint in CAUSES:
        if re.search(pattern, told):
            return ServerError.of(code, message.format(data=data), f"{hint} Its log is {log}.")
    last = [line for line in told.splitlines() if line.strip()][-3:]
    return ServerError.of(
        "start_failed",
        f"The server for {data} did not start: {' / '.join(last) or 'it said nothing'}.",
        f"Its log is {log}.",
    )
