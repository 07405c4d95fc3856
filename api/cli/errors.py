"""Whatever goes wrong is told in two lines: what happened, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import typer

from awe.api.cli.exit_codes import ExitCode

DEBUG: Final = "AWE_DEBUG"
"""The variable that asks for tracebacks; it belongs to the program, not to the engine's settings."""


def debugging() -> bool:
    return os.environ.get(DEBUG, "0") not in {"", "0"}


class CliError(Exception):
    """An expected fault, raised anywhere below a command; `code` is stable and meant for programs.

    `beside` is what the command's own document says beside the error, where it always has the same members.
    """

    def __init__(self, exit_code: ExitCode, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.code = code
        self.message = message
        self.hint = hint
        self.beside: Mapping[str, Any] = {}

    @property
    def document(self) -> dict[str, Any]:
        return {**self.beside, "error": {"code": self.code, "message": self.message, "hint": self.hint}}


def wrong_usage(error: typer.TyperException) -> CliError:
    command = getattr(getattr(error, "ctx", None), "command_path", "awe")
    message = error.format_message()
    return CliError(ExitCode.INVALID, "usage", message, f"See: {command} --help")


def interrupted() -> CliError:
    return CliError(
        ExitCode.INTERRUPTED, "interrupted", "Interrupted.", "Run the same command to start again."
    )


def internal(error: Exception) -> CliError:
    return CliError(
        ExitCode.ERROR,
        "internal",
        f"This is a fault in awe itself: {type(error).__name__}: {error}",
        "Set AWE_DEBUG=1 to see where it came from, and report it with what is printed then.",
    )
