"""The short way past the library: what fits a plain schema is accepted at once, all else is left to the library.

The library walks through generators and resolvers for every value, twenty times what the comparisons cost; a validator
in Rust would be as fast as this one, but adds 8 to 10 MiB to every process. So a schema becomes functions, once. They
only ever accept: true means that the library finds no violation and that the instance is not too deep, false means
nothing. A keyword that is not known here leaves the whole schema to the library.
"""

import operator
import re
from collections.abc import Callable, Iterator
from functools import partial
from types import NoneType
from typing import Any, Final

from jsonschema import Draft202012Validator
from pydantic import JsonValue

from awe.adapters import patterns
from awe.adapters.schema_places import (
    CONTAINERS,
    Fits,
    Place,
    anything,
    either,
    elements,
    every,
    members,
    nothing_fits,
    sized,
)
from awe.adapters.schema_rules import DEEPEST
from awe.domain.schemas import Schema

_MOST_COST: Final = 1_024
_PLACE_COST: Final = 8
"""References are followed by copying: a bound on what is made ends recursion, and keeps time and memory small.

A value meets each place at most once, of 128, so the library, which gives up after 256 references a value, would not.
"""

_NUMBERS: Final[tuple[type, ...]] = (int, float)
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "boolean": (bool,),
    "null": (NoneType,),
}
_SIZES: Final[dict[type, tuple[str, str]]] = {
    dict: ("minProperties", "maxProperties"),
    list: ("minItems", "maxItems"),
    str: ("minLength", "maxLength"),
}
_LIMITS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "minimum": operator.le,
    "maximum": operator.ge,
    "exclusiveMinimum": operator.lt,
    "exclusiveMaximum": operator.gt,
}
_LONG: Final = ("properties", "required", "enum")
_OF_MEMBERS: Final = frozenset({"properties", "additionalProperties", "required"})
_DEMANDING: Final = frozenset(
    {"type", "enum", "const", "items", "pattern", "format", "$ref", "allOf", "anyOf"}
)
_SAYING_NOTHING: Final = frozenset(
    {"$comment", "$defs", "definitions", "title", "description", "default", "examples"}
    | {"deprecated", "readOnly", "writeOnly"}
)
_KNOWN: Final = _SAYING_NOTHING.union(_DEMANDING, _OF_MEMBERS, _LIMITS, *_SIZES.values())
_REFERENCE: Final = re.compile(r"#/\$defs/([A-Za-z0-9_.-]+)")
_FORMATS: Final[Any] = Draft202012Validator.FORMAT_CHECKER


class _NotPlainError(Exception):
    """The schema says something that is not known here, or too much."""


def shortcut(schema: Schema) -> Fits:
    """What accepts instances of a usable schema; `nothing_fits` when the schema is not a plain one."""
    plain = {keyword: value for keyword, value in schema.items() if keyword != "$schema"}
    try:
        place = _Places(schema).place(plain, 0)
    except _NotPlainError:
        return nothing_fits

    def fits(instance: JsonValue) -> bool:
        check = place.get(type(instance))
        return check is not None and check(instance)

    return fits


class _Places:
    """The places of one schema."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._left = _MOST_COST

    def place(self, schema: Any, depth: int) -> Place:
        """What fits a schema there."""
        self._left -= _PLACE_COST
        if schema is False or depth >= DEEPEST:
            return {}
        if schema is True:
            return anything(depth)
        self._left -= sum(len(schema.get(keyword, ())) for keyword in _LONG)
        if self._left < 0 or not _KNOWN.issuperset(schema):
            raise _NotPlainError
        same = list(self._applied(schema, depth))
        return {
            kind: every([*self._own(schema, kind, depth, alone=not same), *(each[kind] for each in same)])
            for kind in _kinds(schema)
            if all(kind in each for each in same)
        }

    def _applied(self, schema: Any, depth: int) -> Iterator[Place]:
        """What the schema says of the same value by way of other schemas."""
        if "$ref" in schema:
            named = _REFERENCE.fullmatch(schema["$ref"])
            if named is None:
                raise _NotPlainError
            yield self.place(self._root["$defs"][named[1]], depth)
        for each in schema.get("allOf", ()):
            yield self.place(each, depth)
        if "anyOf" in schema:
            yield either([self.place(each, depth) for each in schema["anyOf"]])

    def _own(self, schema: Any, kind: type, depth: int, *, alone: bool) -> Iterator[Fits]:
        """What the schema itself demands of a value of that type; `alone`, when nobody else sees to its depth."""
        yield from _whole(schema, kind)
        if kind is dict and not _OF_MEMBERS.isdisjoint(schema):
            named = {name: self.place(each, depth + 1) for name, each in schema.get("properties", {}).items()}
            others = self.place(schema.get("additionalProperties", True), depth + 1)
            yield members(named, others, frozenset(schema.get("required", ())))
        elif kind is list and "items" in schema:
            yield elements(self.place(schema["items"], depth + 1))
        elif kind in CONTAINERS and alone:
            yield anything(depth)[kind]


def _kinds(schema: Any) -> set[type]:
    """The types that the schema names and that its listed values have; of the latter, containers are left out."""
    said: Any = schema.get("type", tuple(_TYPES))
    kinds = {kind for name in ([said] if isinstance(said, str) else said) for kind in _TYPES[name]}
    for values in _listed(schema):
        kinds &= {kind for value in values for kind in _alike(value)}
    return kinds


def _listed(schema: Any) -> Iterator[list[Any]]:
    if "const" in schema:
        yield [schema["const"]]
    if "enum" in schema:
        yield schema["enum"]


def _alike(value: object) -> tuple[type, ...]:
    """The types of the values that may equal a scalar: 1 is 1.0, and true is not 1."""
    kind = type(value)
    if kind in CONTAINERS:
        return ()
    return _NUMBERS if kind in _NUMBERS else (kind,)


def _whole(schema: Any, kind: type) -> Iterator[Fits]:
    """What the schema demands of a value, whatever is inside."""
    if kind is float and "integer" in (said := schema.get("type", ())) and "number" not in said:
        yield float.is_integer
    for values in _listed(schema):
        yield frozenset(value for value in values if kind in _alike(value)).__contains__
    least, most = _SIZES.get(kind, ("", ""))
    if least in schema or most in schema:
        yield sized(schema.get(least, 0), schema.get(most, float("inf")))
    if kind in _NUMBERS:
        yield from (partial(holds, schema[limit]) for limit, holds in _LIMITS.items() if limit in schema)
    if kind is str:
        yield from _text(schema)


def _text(schema: Any) -> Iterator[Fits]:
    if "pattern" in schema:
        yield partial(patterns.search, schema["pattern"])
    if (name := schema.get("format")) in _FORMATS.checkers:
        yield lambda text: bool(_FORMATS.conforms(text, name))
