"""CEL sources become typed expressions; only sources that come to a bool, or to a value known later, are accepted."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cel_expr_python import cel  # type: ignore[import-untyped]  # has types, but does not say so
from pydantic import JsonValue

from awe.domain.expressions import Declarations, Kind

MOST_CHARACTERS: Final = 1_000
_FAULT: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_MOST_BRIEF: Final = 200
_CALL: Final = re.compile(r"(\w+)\s*\(")
_BRIEF_CALLS: Final = frozenset({"has", "size"})
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
    """An expression, or why there is none; `brief` when its cost is bounded by the size of its values."""

    expression: Any
    faults: tuple[str, ...]
    brief: bool = False


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
    return Compiled(expression, (), _brief(source))


def judged(expression: Any, values: Mapping[str, JsonValue]) -> bool | str:
    """The verdict on values for all variables, or the reason why there is none."""
    try:
        value = expression.eval(data=values)
        answer = value.plain_value()
        if isinstance(answer, bool):
            return answer
        kind = value.type().name()
    except (RuntimeError, MemoryError, ValueError) as error:  # ValueError: text that is not Unicode
        return str(error).partition("\n")[0] or "failed"
    return str(answer) if kind == "ERROR" else f"came to {kind.lower()}, not to true or false"


def _brief(source: str) -> bool:
    """Whether the source is short and neither iterates, nor matches, nor joins: each operator looks at values once."""
    return len(source) <= _MOST_BRIEF and "+" not in source and _BRIEF_CALLS.issuperset(_CALL.findall(source))


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
