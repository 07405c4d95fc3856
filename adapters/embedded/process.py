"""Starting a program whose life is bound to its parent's, and whose lock ends with it."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from awe.adapters.embedded.account import Account

PR_SET_PDEATHSIG = 1
ENVIRONMENT = {
    "LC_ALL": "C",
    "PATH": os.defpath,
    "TZ": "UTC",
}  # no secret of ours, no PG* variable of the user


@dataclass(frozen=True, slots=True)
class Spawner:
    """How to run programs of one server: as whom, logging where, holding which lock."""

    account: Account | None
    log: IO[bytes]
    lock: int | None = None

    def spawn(
        self, command: Sequence[str], folder: Path, when_orphaned: signal.Signals
    ) -> subprocess.Popen[bytes]:
        """Start the command in the folder, in a session of its own, out of reach of a terminal's Ctrl-C.

        The kernel sends it `when_orphaned` when the calling thread ends, so call from the main thread.
        """
        return subprocess.Popen(  # noqa: S603 - programs found by `programs`, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            cwd=folder,
            env=ENVIRONMENT,
            start_new_session=True,
            user=self.account and self.account.uid,
            group=self.account and self.account.gid,
            extra_groups=self.account and [],
            pass_fds=() if self.lock is None else (self.lock,),
            preexec_fn=_end_with_parent(when_orphaned),  # noqa: PLW1509 - two system calls, resolved before the fork
        )


def _end_with_parent(how: signal.Signals) -> Callable[[], None]:
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def arm() -> None:
        prctl(PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # it ended before the kernel was told
            os._exit(1)

    return arm
