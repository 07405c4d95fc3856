"""From the bytes of a plan file to a plan, or to a report that says where the file is none. Never an exception."""

import difflib
from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from awe.domain.plan import pointer
from awe.domain.plan.bindings import KEY, Reference
from awe.domain.plan.lint.document import UnreadableError, read_json
from awe.domain.plan.lint.findings import Code, Finding, Report
from awe.domain.plan.lint.limits import LIMITS, Limits
from awe.domain.plan.model import Criterion, ForEach, Plan, Task, ToolRequest

_KEYS: Final = [
    KEY,
    *{key for part in (Plan, Task, ToolRequest, Criterion, ForEach, Reference) for key in part.model_fields},
]
_HINTS: Final = {
    "missing": "Add the key.",
    "too_short": "Add at least one.",
    "reserved_id": "Choose another id; `inputs`, `item` and `requests` are sources of references.",
    "string_pattern_mismatch": "Ids are letters, digits and `_`, at most 64 characters, and do not begin with a digit; "
    "paths are JSON Pointers such as /commits/0/sha.",
}


def parse_plan(data: bytes, limits: Limits = LIMITS) -> Plan | Report:
    """The plan in the bytes of a JSON document, or a report of P000 findings."""
    try:
        return Plan.model_validate(read_json(data, limits))
    except UnreadableError as error:
        findings = [Finding.of(Code.P000, error.path, error.message, error.hint)]
    except ValidationError as error:
        findings = list(_faults(error.errors(include_url=False, include_input=False)))
    return Report.of(findings, at_most=limits.max_findings)


def _faults(errors: list[ErrorDetails]) -> Iterator[Finding]:
    places = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))}
    for error in errors:
        if error["type"] == "too_short" and error["loc"] in places:
            continue  # the list is short only because an element in it was refused
        place = pointer.join(*error["loc"]) + str(error.get("ctx", {}).get("at", ""))
        yield Finding.of(Code.P000, place, error["msg"], _hint(error["type"], str(place.rpartition("/")[2])))


def _hint(kind: str, key: str) -> str:
    if kind == "extra_forbidden":
        meant = difflib.get_close_matches(key, _KEYS, 1)
        return f"Did you mean '{meant[0]}'?" if meant else "Remove the key."
    return _HINTS.get(kind, "The plan's JSON Schema says what is allowed here.")
