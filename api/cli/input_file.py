"""A file given on the command line, or `-` for standard input; whatever cannot be read is an expected fault."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Final, NamedTuple, NoReturn

import typer

from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode

STANDARD_INPUT: Final = "-"

PlanFile = Annotated[str, typer.Argument(metavar="FILE", help="A plan in JSON; '-' reads standard input.")]

_HINTS: Final = {
    errno.ENOENT: "Check the path, or give - to read standard input.",
    errno.EISDIR: "Give a file inside it, or - to read standard input.",
    errno.EACCES: "Let this account read the file, or pipe it in and give - as the path.",
}


class Input(NamedTuple):
    """What was read, and what to call it."""

    name: str
    data: bytes


def read(path: str, *, at_most: int) -> Input:
    """The bytes of the file, cut one byte after `at_most`, which is enough to see that there are too many."""
    try:
        if path == STANDARD_INPUT:
            return Input("stdin", sys.stdin.buffer.read(at_most + 1))
        with Path(path).open("rb") as file:
            return Input(path, file.read(at_most + 1))
    except (OSError, ValueError) as error:
        _refuse(path, error)


def replace(path: str, text: str) -> None:
    """Write the file as a whole or not at all; a link keeps pointing to it, its permissions stay."""
    target = Path(path).resolve()
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            beside = Path(file.name)
            try:
                file.write(text.encode(errors="backslashreplace"))  # a lone surrogate is then a JSON escape
                file.flush()
                os.fsync(file.fileno())
                beside.chmod(target.stat().st_mode & 0o7777)
                beside.replace(target)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CliError(
            ExitCode.ERROR,
            "not_written",
            f"{path} was not changed: {error.strerror}.",
            "Let this account write to its folder, or leave out --write and redirect the output.",
        ) from error


def _refuse(path: str, error: OSError | ValueError) -> NoReturn:
    number, reason = (error.errno, error.strerror) if isinstance(error, OSError) else (None, str(error))
    missing = isinstance(error, FileNotFoundError)
    raise CliError(
        ExitCode.NOT_FOUND if missing else ExitCode.INVALID,
        "file_not_found" if missing else "file_unreadable",
        f"{path} cannot be read: {reason}.",
        _HINTS.get(number or 0, "Give a readable file, or - to read standard input."),
    ) from error
