"""The embedded Redis or Valkey: every write is on disk before it is acknowledged, nothing is ever evicted.

It listens on a unix socket in a closed folder and on no port, so no other user of the machine reaches it.
"""

import re
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from awe.adapters.embedded.account import Account, own_folder, server_account
from awe.adapters.embedded.home import Home
from awe.adapters.embedded.memory import memory_bytes
from awe.adapters.embedded.process import Spawner
from awe.adapters.embedded.programs import Program, no_program, redis_servers
from awe.adapters.servers.faults import ServerError

MADE_BY = re.compile(r"(redis|valkey) (\d+)\.(\d+)")
FIRST_REDIS_CLOSED_TO_VALKEY = (7, 4)
MEMORY_SHARE = 4
ANSWER_SECONDS = 1.0


class RedisServer:
    when_orphaned = signal.SIGTERM
    stop_signal = signal.SIGTERM

    def __init__(self, home: Home) -> None:
        self.home = home
        self.data = home.data("redis")
        self.sockets = home.sockets("redis")

    @property
    def url(self) -> str:
        return f"unix://{quote(bytes(self.home.redis_socket))}"

    def account(self) -> Account | None:
        return server_account(self.data)

    def prepare(self, spawner: Spawner) -> Sequence[str]:
        """Make the data folder ready; returns the command that serves it."""
        own_folder(self.data, spawner.account)
        program = self._program(spawner.account)
        self.home.redis_made_by.write_text(f"{program}\n")
        limit = memory_bytes() // MEMORY_SHARE
        settings = {
            "port": "0",
            "unixsocket": f"../{self.home.redis_socket.relative_to(self.home.path)}",
            "unixsocketperm": "700",
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory": str(limit),
            "maxmemory-policy": "noeviction",
        }
        return [str(program.path), *(word for key, value in settings.items() for word in (f"--{key}", value))]

    def answers(self, _pid: int) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(ANSWER_SECONDS)
            try:
                client.connect(str(self.home.redis_socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def _program(self, account: Account | None) -> Program:
        made_by = self._made_by()
        found: list[Program] = []
        for program in redis_servers(self.home.programs, account):
            if made_by is None or can_read(program, made_by):
                return program
            found.append(program)
        if made_by is None or not found:
            raise no_program("Redis or Valkey", "Redis 7.0", "AWE_REDIS_URL")
        raise ServerError.of(
            "data_newer",
            f"The data in {self.data} was written by {made_by}; found only {', '.join(map(str, found))}.",
            f"Install {made_by} or later so that it is on PATH, or set AWE_HOME to another folder.",
        )

    def _made_by(self) -> Program | None:
        try:
            match = MADE_BY.match(self.home.redis_made_by.read_text())
        except FileNotFoundError:
            return None
        return match and Program(Path(), match[1], (int(match[2]), int(match[3])))


def can_read(program: Program, made_by: Program) -> bool:
    """Whether the server opens files of the other: a later one of the same line does, Valkey those of Redis before 7.4."""
    if program.product == made_by.product:
        return program.version >= made_by.version
    return program.product == "valkey" and made_by.version < FIRST_REDIS_CLOSED_TO_VALKEY
