"""`--input NAME=VALUE`: JSON where the value is JSON, else the words as they stand; `@FILE` reads either from a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, NoReturn, cast

from awe.api.cli import input_file
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode

_FILE: Final = "@"
_LARGEST: Final = 10_000_000


def read_inputs(given: Iterable[str]) -> dict[str, Any]:
    """The inputs by name; `@FILE` alone is a JSON object of several. Of one name the later counts.

    Raises:
        CliError: one is not of this form, or its file cannot be read.
    """
    inputs: dict[str, Any] = {}
    for each in given:
        if each.startswith(_FILE):
            inputs |= _object(each.removeprefix(_FILE))
            continue
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise CliError(
                ExitCode.INVALID,
                "input_malformed",
                "An input has no name, or no value.",
                "Write --input NAME=VALUE, --input NAME=@FILE, or --input @FILE for a JSON object.",
            )
        text = _read(value.removeprefix(_FILE)) if value.startswith(_FILE) else value
        inputs[name.strip()] = _value(text)
    return inputs


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text


def _object(path: str) -> dict[str, Any]:
    found = _value(_read(path))
    if not isinstance(found, dict):
        raise CliError(
            ExitCode.INVALID,
            "input_malformed",
            f"{path} holds no JSON object.",
            "Write the inputs as an object, by their names.",
        )
    return cast("dict[str, Any]", found)


def _read(path: str) -> str:
    data = input_file.read(path, at_most=_LARGEST).data
    if len(data) > _LARGEST:
        raise CliError(
            ExitCode.INVALID,
            "input_too_large",
            f"{path} has more than {_LARGEST:,} bytes.",
            "Hand the file's path to a tool that reads it.",
        )
    return data.decode("utf-8-sig", errors="replace")


def _refuse(name: str) -> NoReturn:
    """`NaN` and its like are words, not JSON."""
    raise ValueError(name)
