"""Nothing is proposed that was not examined: lint, the tools that the goal allows, the inputs that the plan wants.

What is examined is the canonical form, the very bytes whose SHA-256 is the digest that the run pins. The plan is
judged first, for all runs alike, and then the run that wants it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import to_json

from awe.commands.planning.findings import Finding, of_fault, of_lint
from awe.domain.events import Json
from awe.domain.expressions import Expressions
from awe.domain.plan.canonical import canonical
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.lint.findings import Report
from awe.domain.plan.lint.linter import lint
from awe.domain.plan.lint.parse import parse_plan
from awe.domain.plan.lint.structure import meant
from awe.domain.plan.model import Plan
from awe.domain.plan.pins import pins
from awe.domain.plan.playbook.faults import Fault, FaultCode
from awe.domain.plan.playbook.inputs import input_faults
from awe.domain.schemas import Schema, Schemas


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan against a catalogue. Many runs share it, so nobody may change what is in it.

    Attributes:
        plan: the canonical document, None when there is no plan to read.
        digest: its SHA-256, or None.
        findings: what speaks against the plan for every run.
        pins: the digests of the contracts that it was judged against.
        calls: each tool that it calls, with the place of its first call.
        inputs: the schema of a run's inputs, None when it is not usable.
        inputs_bytes: the length of that schema.
    """

    plan: dict[str, Json] | None
    digest: str | None
    findings: tuple[Finding, ...]
    pins: Mapping[str, str]
    calls: Mapping[str, str]
    inputs: Schema | None
    inputs_bytes: int


@dataclass(frozen=True, slots=True)
class Examined:
    """A plan for one run: what was judged of it, and all that was found. Its parts are shared and never changed."""

    plan: dict[str, Json] | None
    digest: str | None
    findings: tuple[Finding, ...]
    pins: Mapping[str, str]


def judge(data: bytes, catalogue: Catalogue, expressions: Expressions, schemas: Schemas) -> Judged:
    """All that speaks against the plan in these bytes, whoever wants to run it; a large one takes a second or more."""
    plan = parse_plan(data)
    if isinstance(plan, Report):
        return Judged(None, None, tuple(map(of_lint, plan.findings)), {}, {}, None, 0)
    written = canonical(plan)
    usable = not schemas.check_schema(plan.inputs)
    findings = tuple(map(of_lint, lint(plan, catalogue, expressions, schemas).findings))
    pinned, calls = pins(plan, catalogue), _first_calls(plan)
    inputs = plan.inputs if usable else None
    del plan  # what a process has at its most is a large plan being linted: its document comes after that
    return Judged(
        json.loads(written),
        hashlib.sha256(written).hexdigest(),
        findings,
        pinned,
        calls,
        inputs,
        0 if inputs is None else len(to_json(inputs)),
    )


def examine(
    judged: Judged, *, inputs: dict[str, Json], tools: Sequence[str] | None, schemas: Schemas
) -> Examined:
    """What speaks against the plan for a run with these inputs, which may use these tools (None: every one).

    It takes as long as the schema of the inputs times the inputs.
    """
    findings = [*judged.findings, *map(of_fault, _not_allowed(judged, tools))]
    if judged.inputs is not None:
        faults = input_faults(inputs, judged.inputs, schemas)
        findings += [of_fault(fault.under("/inputs")) for fault in faults]
    return Examined(judged.plan, judged.digest, tuple(findings), judged.pins)


def _first_calls(plan: Plan) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, task in enumerate(plan.tasks):
        for index, request in enumerate(task.tool_requests):
            if request.tool not in found:
                found[request.tool] = f"/tasks/{number}/tool_requests/{index}/tool"
    return found


def _not_allowed(judged: Judged, tools: Sequence[str] | None) -> Iterator[Fault]:
    """P025 at the first call of each tool that the goal does not allow."""
    if tools is None:
        return
    allowed = frozenset(tools)
    for tool, place in judged.calls.items():
        if tool not in allowed:
            message = f"the goal does not allow the tool '{tool}'"
            hint = f"{meant(tool, tools)} Or add it to the goal's tools."
            yield Fault(FaultCode.P025, place, message, hint)
