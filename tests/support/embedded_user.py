"""Processes that use embedded servers, for tests that kill them, and a look at who runs in a home."""

import json
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import psutil

from awe.adapters.embedded.home import KINDS, Home, Kind
from awe.adapters.embedded.ownership import servers_in

PATIENCE_SECONDS = 60.0

PROGRAM = """
import json, sys
from pathlib import Path
from awe.adapters.embedded.servers import leases
from awe.adapters.servers.faults import ServerError
home, linger, *kinds = sys.argv[1:]
try:
    with leases(Path(home), kinds, linger_s=float(linger)) as held:
        print(json.dumps({kind: lease.url.result() for kind, lease in held.items()}), flush=True)
        sys.stdin.read()
except ServerError as error:
    print(json.dumps({"fault": error.fault.as_dict()}), flush=True)
"""


class EmbeddedUser:
    """A process that uses embedded servers until it is told to leave, or killed."""

    def __init__(
        self,
        home: Home,
        kinds: Sequence[Kind] = KINDS,
        *,
        linger_s: float = 0.2,
        python: str = sys.executable,
        account: str | None = None,
    ) -> None:
        """`account` is another user to be; its `python` must be one that it may run."""
        self.process = subprocess.Popen(
            [python, "-c", PROGRAM, str(home.path), str(linger_s), *kinds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
            text=True,
            user=account,
            group=account and pwd.getpwnam(account).pw_gid,
            extra_groups=account and [],
            cwd="/",
        )

    @property
    def told(self) -> dict[str, str]:
        """URLs by kind, once all servers answer."""
        if self.process.stdout is None:
            raise RuntimeError("no pipe")
        answer: dict[str, str] = json.loads(self.process.stdout.readline())
        return answer

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.communicate(timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave in order, by the end of its input."""
        self.process.communicate(timeout=PATIENCE_SECONDS)


def can_run_project(python: str, account: str) -> bool:
    done = subprocess.run(
        [python, "-c", "import awe.adapters.embedded.servers"],
        check=False,
        capture_output=True,
        env=_environment(),
        user=account,
        cwd="/",
    )
    return done.returncode == 0


def _environment() -> dict[str, str]:
    paths = [
        path for path in sys.path if path and "python3" not in Path(path).name and "lib-dynload" not in path
    ]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def server_pid(home: Home, kind: Kind) -> int:
    """The pid of the one server of the home; fails where there are two."""
    pids = set(servers_in(home.data(kind).resolve()))
    [main] = [pid for pid in pids if _parent(pid) not in {None, *pids}]
    return main


def _parent(pid: int) -> int | None:
    try:
        return psutil.Process(pid).ppid()
    except psutil.NoSuchProcess:  # a server's child that has just ended
        return None


def supervisor_pid(home: Home, kind: Kind) -> int:
    return psutil.Process(server_pid(home, kind)).ppid()


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def gone(*pids: int) -> bool:
    return not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def processes_of(home: Path) -> list[psutil.Process]:
    """All that run for the home: supervisors by their arguments, servers by their folder."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and (
                str(home) in process.cmdline()[1:] or Path(process.cwd()).is_relative_to(home)
            ):
                found.append(process)
        except psutil.Error:  # it has just ended
            continue
    return found
