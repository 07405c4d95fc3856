"""Data flows only by reference objects: `{"$from": SOURCE, "path": POINTER, "default": VALUE}`.

An object with the key `$from` is a reference wherever it stands in a tool request's arguments; there is no other
form and no escape. SOURCE is one of

- `inputs`: the inputs of the run;
- a task's id: the output of that task, which must come before this one. The output of a task is that of its last
  tool request; of a `for_each` task, the array of its items' outputs in the order of the items;
- `requests/N`: the output of the N-th tool request (from 0) of the same task, for an earlier request only;
- `item`: the item at hand, in a `for_each` task only.

`path` is a JSON Pointer into the source's value, the whole of it by default. `default` stands in where the pointer
finds nothing. A task that was skipped, or failed under `on_failure: continue`, has no output: what binds to it
without a `default` is skipped too, and its place in the array of a `for_each` task is left out.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SkipValidation,
    StringConstraints,
    model_serializer,
)

from awe.domain.plan import pointer

KEY = "$from"
INPUTS = "inputs"
ITEM = "item"
REQUESTS = "requests"
RESERVED = frozenset({INPUTS, ITEM, REQUESTS})

SOURCE = r"^(?:[A-Za-z_][A-Za-z0-9_]{0,63}|requests/(?:0|[1-9][0-9]{0,3}))$"

Json = SkipValidation[
    JsonValue
]  # JSON by the parser's promise: checking every leaf again costs more than the plan
JsonPointer = Annotated[str, StringConstraints(pattern=pointer.SYNTAX)]


class Reference(BaseModel):
    """Where a value comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, StringConstraints(pattern=SOURCE)] = Field(alias="$from")
    path: JsonPointer = ""
    default: Json = None

    @property
    def has_default(self) -> bool:
        """Whether a default was given; `null` is one."""
        return "default" in self.model_fields_set

    @property
    def request(self) -> int | None:
        """The index of the tool request that the reference names, if it names one."""
        return int(self.source.partition("/")[2]) if "/" in self.source else None

    @property
    def task(self) -> str | None:
        """The id of the task that the reference names, if it names one."""
        return None if "/" in self.source or self.source in RESERVED else self.source

    @model_serializer
    def _as_written(self) -> dict[str, JsonValue]:
        """One written form: a `null` that was given as default differs from no default."""
        written: dict[str, JsonValue] = {KEY: self.source}
        if self.path:
            written["path"] = self.path
        if self.has_default:
            written["default"] = self.default
        return written


class Binding(NamedTuple):
    """A reference and the tokens of its place inside the value that holds it."""

    at: tuple[str | int, ...]
    reference: Reference


class Candidate(NamedTuple):
    """An object that says it is a reference, and its place."""

    at: tuple[str | int, ...]
    value: dict[str, JsonValue]


def candidates(value: JsonValue, at: tuple[str | int, ...] = ()) -> Iterator[Candidate]:
    """Every object inside the value that has the key `$from`, in document order; what they hold is not searched."""
    if isinstance(value, dict):
        if KEY in value:
            yield Candidate(at, value)
            return
        for name, member in value.items():
            yield from candidates(member, (*at, name))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from candidates(element, (*at, index))


Place = tuple[str | int, ...]
"""Where a reference stands inside a document: the tokens on the way to it."""


def replaced(document: Any, at: Sequence[str | int], value: JsonValue) -> Any:
    """A copy of the document with another value at one place; what lies beside the place is shared."""
    if not at:
        return value
    copy = document.copy()
    copy[at[0]] = replaced(document[at[0]], at[1:], value)
    return copy
