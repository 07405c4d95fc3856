"""What is known about a value before it exists: a shape is a conjunction of JSON Schemas.

A value that a tool's contract and the task's own schema both describe satisfies both; so does one under `allOf` or
behind a local `$ref`. A shape is therefore a tuple of views, all of which hold, and no view at all means that nothing
is known.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import NamedTuple
from urllib.parse import unquote

from pydantic import JsonValue

from awe.domain.plan import pointer
from awe.domain.schemas import Schema


class View(NamedTuple):
    """A schema and the document in which its local references are looked up."""

    root: Schema
    schema: JsonValue

    def of(self, schema: JsonValue) -> "View":
        """Another schema of the same document."""
        return View(self.root, schema)

    @property
    def keywords(self) -> Schema:
        """The keywords of the schema; the schemas `true` and `false` have none."""
        return self.schema if isinstance(self.schema, dict) else {}

    def member(self, keyword: str) -> dict[str, JsonValue]:
        """The value of a keyword that maps names to schemas; empty when it is absent."""
        value = self.keywords.get(keyword)
        return value if isinstance(value, dict) else {}

    def sequence(self, keyword: str) -> list[JsonValue]:
        """The value of a keyword that is an array; empty when it is absent."""
        value = self.keywords.get(keyword)
        return value if isinstance(value, list) else []

    def alternatives(self) -> Iterator[list["View"]]:
        """The groups of schemas of which the value satisfies at least one each."""
        for keyword in ("anyOf", "oneOf"):
            if group := self.sequence(keyword):
                yield [self.of(schema) for schema in group]


Shape = tuple[View, ...]
UNKNOWN: Shape = ()


def shape_of(schema: Schema) -> Shape:
    """The shape that a whole schema document describes."""
    return (View(schema, schema),)


def identity(shape: Shape) -> tuple[int, ...]:
    """Which objects the shape is made of: equal for equal objects only, and only as long as these are kept."""
    return tuple(map(id, chain.from_iterable(shape)))


def array_of(shape: Shape) -> Shape:
    """The shape of an array whose every element has the given shape."""
    if not shape:
        return shape_of({"type": "array"})
    return tuple(view.of({"type": "array", "items": view.schema}) for view in shape)


def conjuncts(shape: Shape) -> Iterator[View]:
    """Every view of the shape and what they refer to by `allOf` and local `$ref`, each schema once."""
    seen: set[int] = set()
    waiting = list(reversed(shape))
    while waiting:
        view = waiting.pop()
        if id(view.schema) in seen:
            continue
        seen.add(id(view.schema))
        yield view
        waiting.extend(view.of(schema) for schema in reversed(view.sequence("allOf")))
        reference = view.keywords.get("$ref")
        if isinstance(reference, str):
            waiting.extend(_referred(view, reference))


def _referred(view: View, reference: str) -> Iterator[View]:
    """What a local reference points at; one by anchor, or one that points at nothing, says nothing here."""
    place = unquote(reference.removeprefix("#"))
    if reference.startswith("#") and place[:1] in ("", "/"):
        with suppress(LookupError):
            yield view.of(pointer.resolve(view.root, pointer.tokens_of(place)))
