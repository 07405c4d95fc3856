"""P020-P024 and P029: every tool request is one that its contract accepts, as far as its arguments are literal.

The arguments are checked as they would be if every reference found nothing and its default, if any, stood in. What a
violation says of a place without a default, or of the value of something that contains one, cannot be known yet and
is left to the check of the bindings; what it says of the names of members stands.
"""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from awe.domain.contracts import ToolContract
from awe.domain.plan.bindings import KEY, Binding
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.lint.findings import Code, Finding, Severity
from awe.domain.plan.lint.structure import meant
from awe.domain.plan.lint.subject import Subject
from awe.domain.plan.model import ToolRequest
from awe.domain.plan.pointer import join
from awe.domain.plan.shapes.paths import Presence
from awe.domain.plan.shapes.view import View, shape_of
from awe.domain.schemas import Violation

_CODES = {"required": Code.P023, "additionalProperties": Code.P024, "unevaluatedProperties": Code.P024}
_ABOUT_MEMBERS = frozenset(
    {
        *_CODES,
        "type",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "propertyNames",
        "dependentRequired",
    }
)


def tools(subject: Subject) -> Iterator[Finding]:
    """All rules about tools; without a catalogue only that there is none."""
    if subject.catalogue is None:
        message = "no contracts of tools were given: nothing that depends on them was checked"
        yield Finding.of(
            Code.P029, "", message, "Give the linter the contracts of the tools that the plan uses."
        )
        return
    for number, task in enumerate(subject.plan.tasks):
        for index, request in enumerate(task.tool_requests):
            place = f"/tasks/{number}/tool_requests/{index}"
            contract = subject.contracts[number][index]
            if contract is None or contract.deprecated:
                yield from _known(subject, subject.catalogue, request, place)
            if contract is not None:
                yield from _arguments(subject, contract, request, f"{place}/arguments")


def _known(subject: Subject, catalogue: Catalogue, request: ToolRequest, place: str) -> Iterator[Finding]:
    """P020 and P021, for a request whose contract is not known, not usable, or deprecated."""
    versions = catalogue.tools.get(request.tool)
    contract = catalogue.find(request.tool, request.version)
    if versions is None:
        hint = meant(request.tool, catalogue.tools)
        yield Finding.of(Code.P020, f"{place}/tool", f"no tool '{request.tool}' in the catalogue", hint)
    elif contract is None:
        message = f"no version '{request.version}' of '{request.tool}'"
        known = ", ".join(known.version for known in versions)
        yield Finding.of(Code.P021, f"{place}/version", message, f"The catalogue has {known}.")
    elif faults := subject.contract_faults(contract):
        message = f"the contract of '{contract.name}' {contract.version} is unusable: {faults[0]}"
        yield Finding.of(Code.P020, f"{place}/tool", message, "Mend the contract.")
    else:
        newest = catalogue.find(request.tool, None)
        better = newest is not None and not newest.deprecated
        yield Finding.of(
            Code.P021,
            f"{place}/version" if request.version is not None else f"{place}/tool",
            f"version {contract.version} of '{request.tool}' is deprecated",
            f"Use {newest.version}." if newest is not None and better else "Use another tool.",
            severity=Severity.WARNING,
        )


def _arguments(
    subject: Subject, contract: ToolContract, request: ToolRequest, place: str
) -> Iterator[Finding]:
    """P022, P023, P024."""
    instance, bindings = _literal(request.arguments), request.bindings
    unknown = [at for at, reference in bindings if not reference.has_default]
    refused: set[str | None] = set()
    for violation in subject.violations(contract, instance):
        if not _undecided(violation, unknown):
            refused.add(None if violation.at else violation.member)
            yield _violated(violation, contract, bindings, place)
    for name in instance if isinstance(instance, dict) else ():
        if (
            name not in refused
            and subject.paths.follow(shape_of(contract.input_schema), (name,)).presence is Presence.ABSENT
        ):
            message = f"'{contract.name}' declares no argument '{name}'"
            hint = meant(name, _names(contract))
            yield Finding.of(Code.P024, place + join(name), message, hint, severity=Severity.WARNING)


def _literal(value: JsonValue) -> JsonValue:
    """The value with the default of every reference in its place, `null` where there is none."""
    match value:
        case dict() if KEY in value:
            return value.get("default")
        case dict():
            return {name: _literal(member) for name, member in value.items()}
        case list():
            return [_literal(element) for element in value]
        case _:
            return value


def _undecided(violation: Violation, unknown: Iterable[tuple[str | int, ...]]) -> bool:
    """Whether what will be bound at the unknown places may make the violation go away."""
    return any(
        violation.at[: len(at)] == at
        or (at[: len(violation.at)] == violation.at and violation.keyword not in _ABOUT_MEMBERS)
        for at in unknown
    )


def _violated(
    violation: Violation, contract: ToolContract, bindings: tuple[Binding, ...], place: str
) -> Finding:
    code = _CODES.get(violation.keyword, Code.P022)
    at = next((at for at, _ in bindings if violation.at[: len(at)] == at), None)
    where = violation.at if at is None else (*at, "default", *violation.at[len(at) :])
    message = f"'{contract.name}' refuses this: {violation.message}"
    if code is Code.P023:
        hint = f"Give '{violation.member}' a value or a reference."
    elif code is Code.P024:
        hint = meant(violation.member or "", _names(contract))
        where = (*where, violation.member or "")
    else:
        hint = "The tool's input schema says what is allowed here."
    return Finding.of(code, place + join(*where), message, hint)


def _names(contract: ToolContract) -> tuple[str, ...]:
    """The arguments that the contract names at its top."""
    return tuple(View(contract.input_schema, contract.input_schema).member("properties"))
