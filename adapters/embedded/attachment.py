"""Becoming a user of an embedded server: attach to its supervisor, or start one.

A user stays one as long as its connection to the supervisor is open, and the kernel closes that whatever kills the
user.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

from awe.adapters.embedded.home import Home, Kind
from awe.adapters.embedded.refusals import as_fault
from awe.adapters.servers.faults import Fault, ServerError

TRIES = 10
POLL_S = 0.1


def attach(
    kind: Kind, home: Home, *, linger_s: float, timeout_s: float, given_up: threading.Event
) -> tuple[socket.socket, str]:
    """A connection that keeps the server running, and the server's URL.

    Raises:
        ServerError: the server cannot be started, or not in time, or nobody waits for it any more.
    """
    deadline = time.monotonic() + timeout_s
    for _ in range(TRIES):
        with ExitStack() as unless_greeted:
            connection = unless_greeted.enter_context(socket.socket(socket.AF_UNIX))
            try:
                connection.connect(str(home.control(kind)))
            except (FileNotFoundError, ConnectionRefusedError):
                _start_supervisor(kind, home, linger_s)
                continue
            except OSError as error:
                raise ServerError(as_fault(error, home.path)) from error
            try:
                line = _greeting(connection, deadline, given_up)
            except TimeoutError:
                raise ServerError.of(
                    "start_timeout",
                    f"The embedded {kind} server is not ready yet; after a crash it may have much to recover.",
                    f"Wait and try again. Its log is {home.log(kind)}.",
                ) from None
            if line:
                url = _url(line)
                connection.settimeout(None)
                unless_greeted.pop_all()
                return connection, url
    raise ServerError.of(
        "start_failed",
        f"The supervisor of the embedded {kind} server ends before it answers.",
        f"Its log is {home.log(kind)}.",
    )


def _start_supervisor(kind: Kind, home: Home, linger_s: float) -> None:
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 - keeps links and the empty path's meaning
    done = subprocess.run(  # noqa: S603 - this program itself
        [sys.executable, "-m", "awe.adapters.embedded.supervisor", kind, str(home.path), str(linger_s)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd="/",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,
    )
    if done.returncode != 0:
        if done.stdout:
            _url(done.stdout)
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise ServerError.of(
            "start_failed",
            f"The supervisor of the embedded {kind} server failed: {' '.join(last)}.",
            "Set AWE_REDIS_URL and AWE_POSTGRES_URL to servers of your own, and report this.",
        )


def _greeting(connection: socket.socket, deadline: float, given_up: threading.Event) -> bytes:
    """The supervisor's line; empty when it was about to leave."""
    told = b""
    connection.settimeout(POLL_S)
    while not told.endswith(b"\n"):
        try:
            part = connection.recv(4096)
        except ConnectionError:
            return b""
        except TimeoutError:
            if given_up.is_set() or time.monotonic() > deadline:
                raise
            continue
        if not part:
            return b""
        told += part
    return told


def _url(line: bytes) -> str:
    message = json.loads(line.splitlines()[-1])
    if "fault" in message:
        raise ServerError(Fault.from_dict(message["fault"]))
    return str(message["url"])
