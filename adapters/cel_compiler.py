"""CEL sources become typed expressions; only sources that come to a bool, or to a value known later, are accepted."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cel_expr_python import cel  # type: ignore[import-untyped]  # has types, but does not say so

from awe.domain.expressions import Declarations, Kind

MOST_CHARACTERS: Final = 1_000
_FAULT: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_VERDICTS: Final = frozenset({"BOOL", "DYN"})
_TYPES: Final[Mapping[Kind, Any]] = {
    Kind.DYN: cel.Type.DYN,
    Kind.BOOL: cel.Type.BOOL,
    Kind.INT: cel.Type.INT,
    Kind.STRING: cel.Type.STRING,
    Kind.LIST: cel.Type.List(cel.Type.DYN),
    Kind.MAP: cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
}


class Compiled(NamedTuple):
    """An expression, or why there is none."""

    expression: Any
    faults: tuple[str, ...]


@lru_cache(maxsize=8_192)
def compiled(source: str, declarations: Declarations) -> Compiled:
    """The expression of a source; equal sources with equal declarations are compiled once."""
    if len(source) > MOST_CHARACTERS:
        return Compiled(None, (f"{len(source):,} characters; the limit is {MOST_CHARACTERS:,}",))
    try:
        expression = _environment(declarations).compile(source)
    except RuntimeError as error:
        return Compiled(None, _faults(str(error)))
    except TypeError:
        return Compiled(None, ("not Unicode text",))
    result = expression.return_type().name()
    if result not in _VERDICTS:
        return Compiled(None, (f"comes to {result.lower()}, not to true or false",))
    return Compiled(expression, ())


@lru_cache(maxsize=64)
def _environment(declarations: Declarations) -> Any:
    return cel.NewEnv(variables={name: _TYPES[kind] for name, kind in declarations})


def _faults(message: str) -> tuple[str, ...]:
    """The compiler's complaints, each with its place where it has one."""
    found = [
        text.removesuffix(" [INVALID_ARGUMENT]").removesuffix(" (in container '')")
        + (f" (line {line}, column {column})" if int(line) > 0 else "")
        for line, column, text in _FAULT.findall(message)
    ]
    return tuple(dict.fromkeys(found)) or (message.split("\n", 1)[0],)
