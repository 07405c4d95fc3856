"""The folder that holds everything of one pair of embedded servers, and what lies where in it.

The home belongs to whoever runs awe; the folders of data and sockets in it belong to whoever runs the servers, so
nothing is ever written into those on behalf of root. No permission of a folder that exists is ever changed.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from awe.adapters.servers.faults import ServerError

Kind = Literal["redis", "postgres"]
KINDS: tuple[Kind, ...] = ("redis", "postgres")

SYSTEM_HOME = Path("/var/lib/awe")
SOCKET_PATH_BYTES = 107
REFUSED = {
    ",": "PostgreSQL clients take for a list of hosts",
    **dict.fromkeys(
        '"$`\\', "PostgreSQL's initdb, run from this folder on behalf of root, hands to a shell as it is"
    ),
}


@dataclass(frozen=True, slots=True)
class Home:
    path: Path

    def data(self, kind: Kind) -> Path:
        return self.path / kind

    def lock(self, kind: Kind) -> Path:
        return self.path / f"{kind}.lock"

    def control(self, kind: Kind) -> Path:
        """The socket of the supervisor; every open connection to it is one user of the server."""
        return self.path / f"{kind}.control"

    def log(self, kind: Kind) -> Path:
        return self.path / f"{kind}.log"

    def sockets(self, kind: Kind) -> Path:
        """Closed to all but the account that runs the server."""
        return self.path / f"{kind}.run"

    @property
    def redis_socket(self) -> Path:
        return self.sockets("redis") / "redis.sock"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets("postgres") / ".s.PGSQL.5432"

    @property
    def postgres_socket_lock(self) -> Path:
        return self.postgres_socket.with_name(f"{self.postgres_socket.name}.lock")

    @property
    def redis_made_by(self) -> Path:
        """Names the server that wrote the data, as PG_VERSION does for Postgres."""
        return self.path / "redis.version"

    @property
    def postgres_access(self) -> Path:
        """Who may connect: `pg_hba.conf`."""
        return self.path / "postgres.hba"

    @property
    def postgres_names(self) -> Path:
        """Which accounts are the engine's role: `pg_ident.conf`."""
        return self.path / "postgres.ident"

    @property
    def programs(self) -> Path:
        """Copies of the servers' programs, for an account that cannot read the installed ones."""
        return self.path / "programs"


def home_folder(override: Path | None) -> Home:
    """Where the data lies: as told, else the system folder for root, else the user's data folder.

    Raises:
        ServerError: the path cannot hold a unix socket that clients can name, or has a character that PostgreSQL
            cannot cope with.
    """
    if override is not None:
        path = override.expanduser().absolute()
    elif os.geteuid() == 0:
        path = SYSTEM_HOME
    else:
        path = platformdirs.user_data_path("awe", appauthor=False)
    for character in REFUSED.keys() & set(str(path)):
        raise ServerError.of(
            "home_path_unusable",
            f"The folder {path} has a {character} in its name, which {REFUSED[character]}.",
            "Set AWE_HOME to a path without one.",
        )
    home = Home(path)
    longest = max(home.redis_socket, home.postgres_socket, *map(home.control, KINDS), key=_length)
    spare = SOCKET_PATH_BYTES - _length(longest)
    if spare < 0:
        raise ServerError.of(
            "home_path_too_long",
            f"The folder {path} is {-spare} bytes too long: the path of a unix socket in it has at most 107 bytes.",
            "Set AWE_HOME to a shorter path.",
        )
    return home


def _length(path: Path) -> int:
    return len(os.fsencode(path))
