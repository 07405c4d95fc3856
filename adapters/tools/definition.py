"""What the decorator found out about a function: its contract, and how to call it with JSON and get JSON back.

The tool itself stays the function it is; the definition is kept beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from awe.domain.contracts import ToolContract

_ATTRIBUTE: Final = "__awe_tool__"


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A tool. `context` is the name of the parameter that gets a `ToolContext`, if there is one."""

    contract: ToolContract
    function: Callable[..., Any]
    asynchronous: bool
    heavy: bool
    context: str | None
    place: str
    notes: tuple[str, ...]
    arguments: TypeAdapter[Any] = field(repr=False)
    output: TypeAdapter[Any] = field(repr=False)

    @property
    def label(self) -> str:
        return f"{self.contract.name}@{self.contract.version}"

    def keywords(self, arguments: bytes) -> dict[str, Any]:
        """The function's keyword arguments, made anew from JSON; raises pydantic's `ValidationError`."""
        keywords: dict[str, Any] = self.arguments.validator.validate_json(arguments)
        return keywords

    def encoded(self, result: Any) -> bytes:
        """What the function returned, as JSON.

        Raises whatever a serialiser raises for what is no JSON; ValueError for a number that JSON does not have.
        """
        output = self.output.dump_json(result, by_alias=True, warnings=False)
        if b"null" in output:  # which the library also writes for such a number
            plain = self.output.dump_python(result, by_alias=True, warnings=False)
            from_json(to_json(plain, inf_nan_mode="constants", fallback=_anything), allow_inf_nan=False)
        return output


def _anything(_value: Any) -> None:
    """What only the type's own way to JSON can write, and has written."""


def attach(function: Callable[..., Any], definition: Definition) -> None:
    """Make the function known as a tool."""
    vars(function)[_ATTRIBUTE] = definition


def definition_of(value: Any) -> Definition | None:
    """The definition of a decorated function; None for anything else."""
    found = getattr(value, "__dict__", {}).get(_ATTRIBUTE)
    return found if isinstance(found, Definition) else None
