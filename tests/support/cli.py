"""The program `awe` in a test: one command line, its exit code and what it wrote."""

import io
import sys
from typing import NamedTuple, Protocol

import pytest

from awe.api.cli import main
from awe.api.cli.exit_codes import ExitCode


class Ended(NamedTuple):
    code: ExitCode
    out: str
    err: str


class Cli(Protocol):
    def __call__(self, *args: object, stdin: bytes = b"") -> Ended: ...


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run one command line in this process."""

    def run(*args: object, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main.run([str(arg) for arg in args])
        written = capsys.readouterr()
        return Ended(code, written.out, written.err)

    return run
