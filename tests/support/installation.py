"""An installation on embedded servers that stay up meanwhile, and the program `awe` in processes of its own on it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from awe.adapters.embedded.home import KINDS
from awe.adapters.embedded.servers import leases
from support.server_homes import next_home

TIMEOUT_S: Final = 60


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.out)
        return said


@dataclass(frozen=True, slots=True)
class Begun:
    """A process of `awe` that is still running."""

    process: subprocess.Popen[str]

    def wait_for(self, text: str) -> str:
        """Read standard error until a line has the text, and return what was read."""
        read: list[str] = []
        stream: IO[str] | None = self.process.stderr
        assert stream is not None
        while not read or text not in read[-1]:
            line = stream.readline()
            assert line, f"ended before saying {text!r}: {''.join(read)}"
            read.append(line)
        return "".join(read)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> Ran:
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        return Ran(self.process.returncode, out, err)


@dataclass(frozen=True, slots=True)
class Installation:
    home: Path
    variables: dict[str, str]

    def awe(self, *args: object) -> Ran:
        with self.begun(*args) as begun:
            return begun.end()

    @contextmanager
    def begun(self, *args: object) -> Generator[Begun]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWE_")}
        with subprocess.Popen(
            (sys.executable, "-m", "awe", *map(str, args)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**kept, "PYTHONPATH": os.pathsep.join(sys.path), **self.variables},
        ) as process:
            try:
                yield Begun(process)
            finally:
                if process.poll() is None:
                    process.kill()


@contextmanager
def installation(root: Path, **variables: str) -> Generator[Installation]:
    """A new one, gone with its servers afterwards."""
    home = next_home(root)
    with leases(home, KINDS, linger_s=0) as held:
        for lease in held.values():
            lease.url.result(timeout=TIMEOUT_S)
        yield Installation(home, {"AWE_HOME": str(home), "AWE_EMBEDDED_LINGER_S": "0", **variables})
