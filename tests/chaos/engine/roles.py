"""The roles of the engine as processes, `python -m awe <role>`: killed, stopped, and started again, as a supervisor would."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from chaos.processes import TESTS, parent_death_signal

_LOOK_S = 0.1
_AGAIN_S = 0.5
_PATIENCE_S = 60.0
_TOLD = 2_000


class Role:
    """One process, with its output in a file. It dies with this one; start it from the main thread."""

    def __init__(self, environment: Mapping[str, str], log: Path, *command: str) -> None:
        self._environment = environment
        self._log = log
        self._command = (sys.executable, "-m", "awe", *command)
        self._process: subprocess.Popen[bytes] | None = None
        self.kind = command[0]

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=TESTS,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=parent_death_signal(),  # noqa: PLW1509 (one system call, resolved before the fork)
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, f"{self.kind} was not started"
        return self._process

    @property
    def told(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def kill9(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)


class Supervisor:
    """Starts roles again that end by themselves, except while they are meant to be gone."""

    def __init__(self, roles: Sequence[Role]) -> None:
        self.roles = roles
        self.deaths: Counter[str] = Counter()
        self._left_alone: set[Role] = set()
        self._stopping = False

    async def run(self) -> None:
        while not self._stopping:
            await asyncio.sleep(_LOOK_S)
            for role in self.roles:
                if role in self._left_alone or (code := role.process.poll()) is None:
                    continue
                self.deaths[f"{role.kind} by {code}"] += 1
                await asyncio.sleep(_AGAIN_S)
                if not self._stopping:
                    role.start()

    @contextmanager
    def leave_alone(self, role: Role) -> Generator[None]:
        self._left_alone.add(role)
        try:
            yield
        finally:
            self._left_alone.discard(role)

    async def stop(self) -> list[str]:
        """Ask every role to end, wait for it, and return what is wrong with how they did."""
        self._stopping = True
        for role in self.roles:
            role.process.terminate()
        return [
            f"{role.kind} ended with {code} when it was stopped: {role.told[-_TOLD:]}"
            for role in self.roles
            if (code := await asyncio.to_thread(role.process.wait, _PATIENCE_S)) != 0
        ]

    def tell(self, say: Callable[[str], None]) -> None:
        """Say what each role logged last."""
        for role in self.roles:
            say(f"{role.kind}, exit code {role.process.poll()}: ...{role.told[-_TOLD:]}")

    def kill_all(self) -> None:
        for role in self.roles:
            if role.process.poll() is None:
                role.kill9()
