"""The inputs of a run against the JSON Schema of a playbook or a plan: defaults filled in, every misfit named."""

from collections.abc import Iterator
from typing import Final, cast

from pydantic import JsonValue

from awe.domain.plan.lint.findings import Severity
from awe.domain.plan.lint.structure import meant
from awe.domain.plan.playbook.faults import Fault, FaultCode
from awe.domain.plan.pointer import join
from awe.domain.schemas import Schema, Schemas, Violation

_CODES: Final = {
    "required": FaultCode.G010,
    "additionalProperties": FaultCode.G011,
    "unevaluatedProperties": FaultCode.G011,
}
_SAY_NOTHING_OF_OTHER_NAMES: Final = frozenset(
    {"type", "properties", "required", "title", "description", "default", "examples", "$schema", "$comment"}
)


def declared(schema: JsonValue) -> dict[str, JsonValue]:
    """The members that a schema names under `properties`."""
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}


def with_defaults(inputs: dict[str, JsonValue], schema: JsonValue) -> dict[str, JsonValue]:
    """A copy of the inputs, and inside them of their objects, with the `default` of each member that is not there."""
    filled = dict(inputs)
    for name, member in declared(schema).items():
        given = inputs.get(name)
        if isinstance(given, dict):
            filled[name] = with_defaults(given, member)
        elif name not in inputs and isinstance(member, dict) and "default" in member:
            filled[name] = member["default"]
    return filled


def input_faults(inputs: dict[str, JsonValue], schema: Schema, schemas: Schemas) -> Iterator[Fault]:
    """Why a usable schema refuses the inputs, and a warning for each name that it neither declares nor refuses."""
    for violation in schemas.validate(inputs, schema):
        yield _fault(violation, schema)
    if schema.keys() <= _SAY_NOTHING_OF_OTHER_NAMES and (known := declared(schema)):
        for name in inputs.keys() - known.keys():
            yield Fault(
                FaultCode.G011,
                join(name),
                f"no input '{name}' is declared",
                meant(name, known),
                Severity.WARNING,
            )


def _fault(violation: Violation, schema: Schema) -> Fault:
    code = _CODES.get(violation.keyword, FaultCode.G012)
    at, member = violation.at, violation.member
    message = f"the input is refused: {violation.message}"
    if member is None:
        return Fault(
            code, join(*at), message, _about(schema, at) or "Its JSON Schema says what is allowed here."
        )
    place = (*at, member)
    if code is FaultCode.G010:
        return Fault(code, join(*place), message, _about(schema, place) or f"Give '{member}' a value.")
    return Fault(code, join(*place), message, meant(member, declared(_schema_of(schema, at))))


def _about(schema: Schema, at: tuple[str | int, ...]) -> str:
    """What the author says of the input at a place."""
    found = _schema_of(schema, at)
    said = found.get("description") if isinstance(found, dict) else None
    return f"It is: {said}" if isinstance(said, str) else ""


def _schema_of(schema: JsonValue, at: tuple[str | int, ...]) -> JsonValue:
    """The schema of a place, as far as `properties` lead to it."""
    for token in at:
        schema = declared(schema).get(cast("str", token))
    return schema
