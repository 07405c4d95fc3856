"""Runs a command's work, and makes of every fault with a name the two lines and the exit code of the command line."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, cast

from awe.api.cli.errors import DEBUG, CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.faults import Kind, told
from awe.api.settings import Settings, SettingsError

T = TypeVar("T")

_EXIT_CODES: Final = {
    Kind.INVALID: ExitCode.INVALID,
    Kind.NOT_FOUND: ExitCode.NOT_FOUND,
    Kind.CONFLICT: ExitCode.CONFLICT,
    Kind.UNAVAILABLE: ExitCode.UNAVAILABLE,
    Kind.FAULT: ExitCode.ERROR,
}


def read_settings() -> Settings:
    try:
        return Settings.from_environment({name: value for name, value in os.environ.items() if name != DEBUG})
    except SettingsError as error:
        raise CliError(
            ExitCode.INVALID,
            "settings_invalid",
            str(error),
            "Correct these variables of the environment, or unset them.",
        ) from error


def carry_out(work: Callable[[Settings], Awaitable[T]]) -> T:
    """Read the settings and run a command's work; a fault with a name becomes a `CliError`."""

    async def main() -> T:
        return await work(settings)

    settings = read_settings()
    try:
        return asyncio.run(main())
    except BaseException as error:
        leaves = _leaves(error)
        known = next(filter(None, map(as_cli_error, leaves)), None) or leaves[0]
        if known is not error:
            raise known from error
        raise


def as_cli_error(error: BaseException) -> CliError | None:
    """The fault as a command tells it, or None for what nobody expected."""
    if isinstance(error, CliError):
        return error
    said = told(error)
    return said and CliError(_EXIT_CODES[said.kind], said.code, said.message, said.hint)


def _leaves(error: BaseException) -> list[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    group = cast("BaseExceptionGroup[BaseException]", error)
    return [leaf for each in group.exceptions for leaf in _leaves(each)]
