"""Data goes to standard output, everything else to standard error, so that a pipe carries data alone.

Nothing is ever cut to the width of a terminal. Colour needs a terminal at the far end and no NO_COLOR in the
environment, and never carries meaning that the words do not.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, TextIO

import typer

from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.plain import plain


class Output(StrEnum):
    TABLE = "table"
    JSON = "json"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="'table' to read, 'json' for programs.", show_default=True)
]


class StreamOutput(StrEnum):
    """For lists, which a program may want to read line by line."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"


StreamOption = Annotated[
    StreamOutput,
    typer.Option(
        "--output", "-o", help="'table' to read, 'json' or 'ndjson' for programs.", show_default=True
    ),
]


class Ink(StrEnum):
    """The escape sequence that starts each style."""

    BOLD = "1"
    FAINT = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    BLUE = "34"


def speak_utf8() -> None:
    """Whatever the locale: JSON and SVG are UTF-8, and a character must not end a command half way."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def data(text: str) -> None:
    """Write what the command was asked for, with one newline at its end."""
    _write(sys.stdout, text)


def note(text: str) -> None:
    """Write what a person may want to know meanwhile: progress, a summary of what was changed, a fault."""
    _write(sys.stderr, text)


def document(value: Any) -> None:
    data(json.dumps(value, ensure_ascii=False, indent=2))


def line(value: Any) -> None:
    """Write one document on one line."""
    data(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def fault(error: CliError, write: Callable[[Any], None] | None) -> None:
    """Tell a person of a fault, and a program too where `write` says how."""
    note(f"{paint('error:', Ink.RED, sys.stderr)} {plain(error.message)}")
    note(f"{paint('hint:', Ink.BLUE, sys.stderr)} {plain(error.hint)}")
    if write is not None:
        with suppress(CliError):  # it may be the output itself that is at fault
            write(error.document)


def for_programs(args: Sequence[str]) -> Callable[[Any], None] | None:
    """How `args` want a document written, None for not at all; read from the words, which may not be parseable."""
    for option, word in pairwise(("", *args)):
        for form, write in (("json", document), ("ndjson", line)):
            if word in {f"--output={form}", f"-o{form}"} or (option in {"--output", "-o"} and word == form):
                return write
    return None


def paint(text: str, ink: Ink, stream: TextIO | None = None) -> str:
    to = stream or sys.stdout
    if not text or not to.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{ink}m{text}\x1b[0m"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; a cell is one line."""
    lines = [tuple(header), *(tuple(plain(cell) for cell in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    return "\n".join((paint(padded[0], Ink.BOLD), *padded[1:]))


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
    except BrokenPipeError:  # whoever reads has read enough
        raise
    except OSError as error:
        _abandon(stream)
        raise CliError(
            ExitCode.ERROR,
            "output_not_written",
            f"The output could not be written: {error.strerror}.",
            "Free some space there, or write it somewhere else.",
        ) from error


def _abandon(stream: TextIO) -> None:
    """Let what is left in the buffer go nowhere, lest the interpreter tries to write it once more as it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
