"""The parent of one embedded server: `python -m awe.adapters.embedded.supervisor KIND HOME LINGER_S`.

It belongs to no awe process, so the server outlives each of them. Every open connection to its control socket is
one user, which is told the server's URL, or the fault, as a line of JSON. A server that dies is started again; it is
stopped when its last user has been gone for LINGER_S. When the supervisor itself is killed, the kernel ends the
server, and the next user starts both anew.

The command returns once a supervisor, this one or an earlier one, takes connections.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from awe.adapters.embedded.account import ensure_reachable, own_folder
from awe.adapters.embedded.diagnosis import why_not_started
from awe.adapters.embedded.home import Home, Kind
from awe.adapters.embedded.ownership import ensure_unused, second_instance, servers_in, take_lock
from awe.adapters.embedded.postgres_server import PostgresServer
from awe.adapters.embedded.process import Spawner
from awe.adapters.embedded.redis_server import RedisServer
from awe.adapters.embedded.refusals import as_fault, ensure_space
from awe.adapters.embedded.users import Users
from awe.adapters.servers.faults import Fault, ServerError

LOCK_WAIT_SECONDS = 90.0  # for a predecessor that is stopping, or its server
STOP_SECONDS = 60.0
FIRST_USER_SECONDS = 10.0
SHORT_LIFE_SECONDS = 5.0
POLL_SECONDS = 0.01
LOG_BYTES = 1_000_000


class Supervisor:
    def __init__(self, server: RedisServer | PostgresServer, lock: int, users: Users, log: Path) -> None:
        self._server = server
        self._lock = lock
        self._users = users
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, linger: float) -> None:
        """Return when the server has been stopped. Faults are told to the users."""
        try:
            self._serve(linger)
        except (ServerError, OSError) as error:
            self._refuse(as_fault(error, self._log.parent))
        finally:
            self._users.leave()
            self._stop()

    def _serve(self, linger: float) -> None:
        greeting = _line({"url": self._server.url})
        patience = max(linger, FIRST_USER_SECONDS)
        while True:
            process = self._start()
            started = time.monotonic()
            with self._users.watching(process.pid):
                while process.poll() is None:
                    if not self._users.wait(greeting, None if self._users else patience):
                        return
                    patience = linger
            sys.stderr.write(f"The server ended with {process.returncode} and is started again.\n")
            if time.monotonic() - started < SHORT_LIFE_SECONDS:
                time.sleep(1)  # no tight loop around a server that dies at once
            self._await_children()

    def _start(self) -> subprocess.Popen[bytes]:
        account = self._server.account()
        ensure_reachable(self._log.parent, account)
        ensure_unused(self._server.data.resolve())
        ensure_space(self._log.parent)
        own_folder(self._server.sockets, account)
        with self._log.open("ab") as log:
            spawner = Spawner(account, log, self._lock)
            command = self._server.prepare(spawner)
            since = log.tell()
            self._process = process = spawner.spawn(command, self._server.data, self._server.when_orphaned)
        while not self._server.answers(process.pid):
            if process.poll() is not None:
                raise why_not_started(self._log, since, self._server.data)
            time.sleep(POLL_SECONDS)
        return process

    def _await_children(self) -> None:
        """A server that was killed may leave children, which end by themselves but still use the data."""
        deadline = time.monotonic() + STOP_SECONDS
        while servers_in(self._server.data.resolve()) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _refuse(self, fault: Fault) -> None:
        line = _line({"fault": fault.as_dict()})
        told = len(self._users) > 0
        self._users.tell(line)
        while self._users.wait(line, 0 if told else FIRST_USER_SECONDS):
            told = True

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(self._server.stop_signal)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main(kind: Kind, home: Home, linger: float) -> int:
    os.umask(0o022)
    log = home.log(kind)
    try:
        home.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        lock = take_over(kind, home)
        if lock is None:
            return 0
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        log.touch(mode=0o600)
        users = Users(home.control(kind))
        record = log.open("ab")
    except (ServerError, OSError) as error:
        sys.stdout.buffer.write(_line({"fault": as_fault(error, home.path).as_dict()}))
        return 1
    if os.fork() != 0:
        os._exit(0)
    _leave_session(record.fileno())
    server = RedisServer(home) if kind == "redis" else PostgresServer(home)
    Supervisor(server, lock, users, log).run(linger)
    return 0


def take_over(kind: Kind, home: Home) -> int | None:
    """The lock; None when another supervisor has it and takes connections."""
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        lock = take_lock(home.lock(kind))
        if lock is not None:
            return lock
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(home.control(kind))) == 0:
                return None
        if time.monotonic() > deadline:
            raise second_instance(home.data(kind), servers_in(home.data(kind).resolve()))
        time.sleep(POLL_SECONDS)


def _leave_session(log: int) -> None:
    os.setsid()
    signal.signal(signal.SIGTERM, _leave)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor, target in ((nothing, 0), (nothing, 1), (log, 2)):
        os.dup2(descriptor, target)


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"


if __name__ == "__main__":
    _kind, _home, _linger = sys.argv[1:]
    sys.exit(main("redis" if _kind == "redis" else "postgres", Home(Path(_home)), float(_linger)))
