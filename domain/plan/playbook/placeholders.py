"""An input gets into a plan as a JSON value in the place of `{"$param": NAME, "path": POINTER}`, and in no other way.

Texts are never put together, and what was placed is not searched for placeholders. An input that holds a reference
object (`$from`) is not placed at all: it would become part of the plan's data flow, which only the author draws.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from awe.domain.plan.bindings import JsonPointer

PARAM = "$param"


class Placeholder(BaseModel):
    """Which input stands here, or what of it: `path` is a JSON Pointer into the input, the whole of it by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=128)] = Field(alias="$param")
    path: JsonPointer = ""


class Placed(NamedTuple):
    """An object that says it is a placeholder, and the tokens of its place."""

    at: tuple[str | int, ...]
    value: dict[str, JsonValue]


def placeholders(template: JsonValue, at: tuple[str | int, ...] = ()) -> Iterator[Placed]:
    """Every object that has the key `$param`, in document order; what such an object holds is not searched."""
    if isinstance(template, dict):
        if PARAM in template:
            yield Placed(at, template)
            return
        for name, member in template.items():
            yield from placeholders(member, (*at, name))
    elif isinstance(template, list):
        for index, element in enumerate(template):
            yield from placeholders(element, (*at, index))


def substituted(template: JsonValue, value_of: Callable[[Placeholder], JsonValue]) -> JsonValue:
    """A copy of the template with a value for each of its placeholders, all of which are well formed."""
    if isinstance(template, dict):
        if PARAM in template:
            return value_of(Placeholder.model_validate(template))
        return {name: substituted(member, value_of) for name, member in template.items()}
    if isinstance(template, list):
        return [substituted(element, value_of) for element in template]
    return template
