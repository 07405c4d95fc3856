"""JSON Schema behind the port of schemas: nothing is fetched, no pattern backtracks, no instance exhausts the stack.

A schema is a value: nobody changes one after handing it over. Equal schemas are checked and prepared once. Formats
are asserted as far as the standard library can check them. Validation is synchronous. What fits a plain schema takes
microseconds (`schema_shortcut`); all else is judged and worded by the library, which takes about a tenth of a
millisecond for small arguments but half a second for a megabyte of output: an event loop does that in a thread.
"""

import json
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Final, NamedTuple, cast

from jsonschema import Draft202012Validator, ValidationError, validators
from pydantic import JsonValue
from referencing.exceptions import Unresolvable

from awe.adapters import patterns
from awe.adapters.schema_places import Fits, nothing_fits
from awe.adapters.schema_rules import DEEPEST, NOWHERE, faults
from awe.adapters.schema_shortcut import shortcut
from awe.domain.schemas import Schema, Violation

_MOST_SCHEMAS: Final = 4_096
_MOST_OBJECTS: Final = 1_024  # each is kept alive; a task's own schema is a new object every time
_STEPS_PER_VALUE: Final = 256
_LONGEST_DEMAND: Final = 200


class _ExhaustedError(Exception):
    """The references of a schema multiply: following them all would take too long."""


_steps: ContextVar[list[int]] = ContextVar("steps")


def _counted(keyword: str) -> Any:
    """The library's own keyword, as long as there are steps left."""
    follow: Any = Draft202012Validator.VALIDATORS[keyword]

    def step(validator: Any, reference: str, instance: JsonValue, schema: Any) -> Iterator[ValidationError]:
        remaining = _steps.get()
        remaining[0] -= 1
        if remaining[0] < 0:
            raise _ExhaustedError
        yield from follow(validator, reference, instance, schema)

    return step


def _required(
    _validator: Any, names: list[str], instance: JsonValue, _schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        yield from (ValidationError(name) for name in names if name not in instance)


def _pattern(_validator: Any, pattern: str, instance: JsonValue, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not patterns.search(pattern, instance):
        yield ValidationError("")


def _pattern_properties(
    validator: Any, named: dict[str, Any], instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, schema in named.items():
            for name, member in cast("dict[str, JsonValue]", instance).items():
                if patterns.search(pattern, name):
                    yield from validator.descend(member, schema, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, others: Any, instance: JsonValue, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for name in instance:
        known = name in schema.get("properties", ()) or any(
            patterns.search(pattern, name) for pattern in schema.get("patternProperties", ())
        )
        if not known and others is False:
            yield ValidationError(name)
        elif not known:
            yield from validator.descend(instance[name], others, path=name)


_NAMING_MEMBERS: Final = frozenset({"required", "additionalProperties"})
_Validator: Any = cast("Any", validators).extend(
    Draft202012Validator,
    {
        "$ref": _counted("$ref"),
        "$dynamicRef": _counted("$dynamicRef"),
        "required": _required,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    },
)


class _Prepared(NamedTuple):
    faults: tuple[str, ...]
    fits: Fits
    validator: Any


class JsonSchemas:
    """The port's implementation, with a memory of the schemas it has seen."""

    def __init__(self) -> None:
        self._by_identity: dict[int, tuple[Schema, _Prepared]] = {}  # kept, so that no identity is used again
        self._by_text: dict[str, _Prepared] = {}

    def check_schema(self, schema: Schema) -> tuple[str, ...]:
        """What makes the schema unusable."""
        return self._prepared(schema).faults

    def validate(self, instance: JsonValue, schema: Schema) -> tuple[Violation, ...]:
        """The violations; an instance too deep, or a schema whose references have no end, is one violation."""
        prepared = self._prepared(schema)
        if prepared.fits(instance):
            return ()
        if prepared.faults:
            return (Violation((), "$schema", f"no usable schema: {prepared.faults[0]}"),)
        values = _count(instance)
        if values is None:
            return (Violation((), "type", f"nested deeper than {DEEPEST} levels"),)
        token = _steps.set([_STEPS_PER_VALUE * (values + 4)])
        try:
            return tuple(map(_violation, prepared.validator.iter_errors(instance)))
        except (_ExhaustedError, RecursionError):
            return (Violation((), "$ref", "the schema's references go round without an end"),)
        except Unresolvable:
            return (Violation((), "$ref", "the schema refers to a place that it does not have"),)
        finally:
            _steps.reset(token)

    def _prepared(self, schema: Schema) -> _Prepared:
        known = self._by_identity.get(id(schema))
        if known is not None and known[0] is schema:
            return known[1]
        text = json.dumps(schema)
        prepared = self._by_text.get(text)
        if prepared is None:
            if len(self._by_text) >= _MOST_SCHEMAS:
                self._by_identity.clear()
                self._by_text.clear()
            prepared = self._by_text[text] = _prepare(schema)
        if len(self._by_identity) >= _MOST_OBJECTS:
            self._by_identity.clear()
        self._by_identity[id(schema)] = (schema, prepared)
        return prepared


def _prepare(schema: Schema) -> _Prepared:
    wrong = tuple(faults(schema))
    if wrong:
        return _Prepared(wrong, nothing_fits, None)
    validator = _Validator(schema, registry=NOWHERE, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return _Prepared((), shortcut(schema), validator)


def _count(instance: JsonValue) -> int | None:
    """How many values the instance has; `None` when it is too deep."""
    count, level = 1, [instance]
    for _ in range(DEEPEST):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return count
        count += len(level)
    return None


def _violation(error: ValidationError) -> Violation:
    keyword = str(error.validator or "false")
    at = tuple(error.absolute_path)
    if keyword in _NAMING_MEMBERS:
        verb = "is missing" if keyword == "required" else "is not allowed"
        return Violation(at, keyword, f"'{error.message}' {verb}", error.message)
    demand = json.dumps(error.validator_value, ensure_ascii=False)
    if len(demand) > _LONGEST_DEMAND:
        demand = demand[:_LONGEST_DEMAND] + "…"
    return Violation(
        at, keyword, f"it must satisfy {keyword}: {demand}" if error.validator else "nothing may be here"
    )
