"""The embedded Postgres, with its durable defaults: what commits is on disk.

It listens on a unix socket in a closed folder and on no port. The kernel tells it who connects (peer
authentication), so there is no password to keep: the account that runs it may, and root.
"""

import signal
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from urllib.parse import quote

from awe.adapters.embedded.account import Account, own_folder, own_name, server_account
from awe.adapters.embedded.diagnosis import why_not_started
from awe.adapters.embedded.home import Home
from awe.adapters.embedded.process import Spawner
from awe.adapters.embedded.programs import Program, no_program, postgres_servers
from awe.adapters.servers.faults import ServerError

ROLE = "awe"
HBA = f"local all all peer map={ROLE}\n"
INIT = ("-U", ROLE, "-A", "peer", "-E", "UTF8", "--locale=C", "--data-checksums", "--no-instructions")
PID_FILE_LINES = 8


class PostgresServer:
    when_orphaned = signal.SIGINT
    stop_signal = signal.SIGINT  # do not wait for clients to leave

    def __init__(self, home: Home) -> None:
        self.home = home
        self.data = home.data("postgres")
        self.sockets = home.sockets("postgres")
        self._pid_file = self.data / "postmaster.pid"

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@/postgres?host={quote(bytes(self.sockets), safe='')}&port=5432"

    def account(self) -> Account | None:
        return server_account(self.data)

    def prepare(self, spawner: Spawner) -> Sequence[str]:
        """Make the data folder ready, with a cluster in it; returns the command that serves it."""
        program = self._program(spawner.account)
        if not self.data.exists():
            self._initialize(program, spawner)
        self._write_access(spawner.account)
        self._drop_foreign_pids()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": _quoted(self.sockets),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "hba_file": str(self.home.postgres_access),
            "ident_file": str(self.home.postgres_names),
            "log_checkpoints": "off",
        }
        words = (word for key, value in settings.items() for word in ("-c", f"{key}={value}"))
        return [str(program.path), "-D", str(self.data), *words]

    def answers(self, pid: int) -> bool:
        lines = _lines(self._pid_file)
        return len(lines) >= PID_FILE_LINES and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _program(self, account: Account | None) -> Program:
        made_by = self._made_by()
        found: list[Program] = []
        for program in postgres_servers(self.home.programs, account):
            if made_by is None or program.version[0] == made_by:
                return program
            found.append(program)
        if made_by is None or not found:
            raise no_program("PostgreSQL", "PostgreSQL 15", "AWE_POSTGRES_URL")
        newer = made_by > max(program.version[0] for program in found)
        raise ServerError.of(
            "data_newer" if newer else "data_older",
            f"The data in {self.data} belongs to PostgreSQL {made_by}; found only {', '.join(map(str, found))}.",
            f"Put PostgreSQL {made_by} on PATH to read it or to upgrade it with pg_upgrade, "
            "or set AWE_HOME to another folder.",
        )

    def _made_by(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def _initialize(self, program: Program, spawner: Spawner) -> None:
        unfinished = self.data.with_name(f"{self.data.name}.unfinished")
        rmtree(unfinished, ignore_errors=True)
        own_folder(unfinished, spawner.account)
        since = spawner.log.tell()
        command = [str(program.path.with_name("initdb")), "-D", str(unfinished), *INIT]
        if spawner.spawn(command, unfinished, signal.SIGKILL).wait() != 0:
            raise why_not_started(Path(spawner.log.name), since, unfinished)
        unfinished.rename(self.data)

    def _write_access(self, account: Account | None) -> None:
        names = {"root", account.name if account is not None else own_name()}
        self.home.postgres_access.write_text(HBA)
        self.home.postgres_names.write_text("".join(f'{ROLE} "{name}" {ROLE}\n' for name in sorted(names)))

    def _drop_foreign_pids(self) -> None:
        """Remove pid files whose pid another program has since; Postgres would take that for a running server.

        The lock is ours and no server works in the folder, so none can be running.
        """
        for file in (self._pid_file, self.home.postgres_socket_lock):
            lines = _lines(file)
            if lines and Path("/proc", lines[0]).exists():
                file.unlink()


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except FileNotFoundError:
        return []


def _quoted(folder: Path) -> str:
    """As an element of a list, in which a comma separates."""
    return '"' + str(folder).replace('"', '""') + '"'
