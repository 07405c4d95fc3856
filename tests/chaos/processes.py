"""Processes of this package, started beside the check and killed by it; they die with it too."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

TESTS = Path(__file__).resolve().parents[1]
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """End this process when the one that started it ends, however that happens."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def parent_death_signal() -> Callable[[], None]:
    """Return what does the same in a child between fork and exec: a system call that is looked up now."""
    prctl = ctypes.CDLL(None).prctl

    def arm() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))

    return arm


class Process:
    """One ``python -m <module> <arguments>``, started again as often as wanted."""

    def __init__(self, environment: Mapping[str, str], module: str, *arguments: str) -> None:
        self._environment = {**os.environ, **environment}
        self._command: Sequence[str] = (sys.executable, "-m", module, *arguments)
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill9()

    def start(self) -> Self:
        self._running = subprocess.Popen(self._command, cwd=TESTS, env=self._environment)
        return self

    def kill9(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def end(self, *, within_s: float = 120) -> None:
        """Ask the process to stop in order.

        Raises:
            AssertionError: it failed.
        """
        assert self._running is not None
        self._running.terminate()
        code = self._running.wait(within_s)
        self._running = None
        assert code == 0, f"{self._command} ended with {code}"
