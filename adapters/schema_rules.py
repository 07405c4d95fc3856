"""Which schemas are usable: Draft 2020-12, whole in themselves, with patterns that are matched in linear time.

Every schema is read as Draft 2020-12, whatever its `$schema` says; what an older draft wrote differently is a fault.
"""

import json
from collections.abc import Iterator
from typing import Any, Final, cast
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # has types, but does not say so
from pydantic import JsonValue
from referencing import Registry

from awe.adapters import patterns
from awe.domain.plan import pointer

DEEPEST: Final = 64
_META: Final = "https://json-schema.org/draft/2020-12/meta/"
_VOCABULARIES: Final = ("core", "applicator", "unevaluated", "validation", "meta-data", "content")
_HOLD_DATA: Final = frozenset({"const", "enum", "default", "examples"})
_HOLD_SCHEMAS_BY_NAME: Final = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
)


def _meta_schema() -> Any:
    """The meta-schema in one document: its dynamic references, resolved at every step, cost ten times the time."""
    members: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for name in _VOCABULARIES:
        vocabulary: Any = REGISTRY[_META + name].contents
        members |= vocabulary["properties"]
        definitions |= vocabulary.get("$defs", {})
    whole = {"type": ["object", "boolean"], "properties": members, "$defs": definitions}
    return json.loads(json.dumps(whole).replace('"$dynamicRef": "#meta"', '"$ref": "#"'))


NOWHERE: Final[Any] = cast("Any", Registry)()
"""The registry in which no reference to another document is found."""

_VALIDATOR: Final[Any] = Draft202012Validator(_meta_schema(), registry=NOWHERE)


def faults(schema: JsonValue) -> Iterator[str]:
    """What makes a schema unusable, each with its place; a schema that is too deep is looked at no further."""
    if (unusable := _too_deep(schema)) is not None:
        yield unusable
        return
    shape = [f"{error.json_path}: violates {error.validator}" for error in _VALIDATOR.iter_errors(schema)]
    yield from shape or _walk(schema, "$", schema)


def _too_deep(schema: JsonValue) -> str | None:
    level: list[JsonValue] = [schema]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
    return f"nested deeper than {DEEPEST} levels" if level else None


def _inside(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _walk(schema: JsonValue, at: str, root: JsonValue) -> Iterator[str]:
    """The rules that the meta-schema does not know, for every schema inside a schema in correct form."""
    if isinstance(schema, list):
        for index, element in enumerate(schema):
            yield from _walk(element, f"{at}[{index}]", root)
    if not isinstance(schema, dict):
        return
    yield from (f"{at}: {fault}" for fault in _own(schema, root))
    for keyword, value in schema.items():
        if keyword in _HOLD_SCHEMAS_BY_NAME and isinstance(value, dict):
            for name, inner in value.items():
                yield from _walk(inner, f"{at}.{keyword}.{name}", root)
        elif keyword not in _HOLD_DATA:
            yield from _walk(value, f"{at}.{keyword}", root)


def _own(schema: dict[str, Any], root: JsonValue) -> Iterator[str]:
    for keyword in ("$ref", "$dynamicRef"):
        if keyword in schema and (wrong := _reference(schema[keyword], root)) is not None:
            yield f"{keyword} {wrong}"
    if "$id" in schema and schema is not root:
        yield "$id inside a schema changes what its references mean"
    named = schema.get("patternProperties", {})
    if named and "unevaluatedProperties" in schema:
        yield "unevaluatedProperties beside patternProperties is not supported"
    for pattern in (*named, *([schema["pattern"]] if "pattern" in schema else ())):
        if (wrong := patterns.fault(pattern)) is not None:
            yield wrong


def _reference(reference: str, root: JsonValue) -> str | None:
    """What is wrong with a reference; an anchor (`#name`) is looked up when the schema is used."""
    if not reference.startswith("#"):
        return "leaves the document, and nothing is ever fetched"
    place = unquote(reference[1:])
    if not place.startswith("/"):
        return None
    try:
        pointer.resolve(root, pointer.tokens_of(place))
    except LookupError:
        return f"points at nothing: {reference}"
    return None
