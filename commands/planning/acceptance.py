"""Nothing is proposed that was not examined: lint, the tools that the goal allows, the inputs that the plan wants.

What is examined is the canonical form, the very bytes whose SHA-256 is the digest that the run pins.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from awe.domain.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Examined:
    """The canonical document and its digest, None when there is no plan to read, and all that was found.

    `pins` are the digests of the contracts that the plan was examined against.
    """

    plan: dict[str, Json] | None
    digest: str | None
    findings: tuple[Finding, ...]
    pins: Mapping[str, str]


def examine(
    plan: dict[str, Json] | bytes,
    *,
    inputs: dict[str, Json],
    tools: Sequence[str] | None,
    catalogue: Catalogue,
    expressions: Expressions,
    schemas: Schemas,
) -> Examined:
    """All that speaks against a plan for a run with these inputs, which may use these tools (None: every one).

    A large plan takes a second or more: an event loop does this in a thread.
    """
    data = plan if isinstance(plan, bytes) else json.dumps(plan).encode()
    parsed = parse_plan(data)
    if isinstance(parsed, Report):
        return Examined(None, None, tuple(map(of_lint, parsed.findings)), {})
    written = canonical(parsed)
    findings = [*map(of_lint, lint(parsed, catalogue, expressions, schemas).findings)]
    findings += map(of_fault, _not_allowed(parsed, tools))
    if not schemas.check_schema(parsed.inputs):
        faults = input_faults(inputs, parsed.inputs, schemas)
        findings += (of_fault(fault.under("/inputs")) for fault in faults)
    digest = hashlib.sha256(written).hexdigest()
    return Examined(json.loads(written), digest, tuple(findings), pins(parsed, catalogue))


def _not_allowed(plan: Plan, tools: Sequence[str] | None) -> Iterator[Fault]:
    """P025 at the first call of each tool that the goal does not allow."""
    if tools is None:
        return
    seen = set(tools)
    for number, task in enumerate(plan.tasks):
        for index, request in enumerate(task.tool_requests):
            if request.tool not in seen:
                seen.add(request.tool)
                place = f"/tasks/{number}/tool_requests/{index}/tool"
                message = f"the goal does not allow the tool '{request.tool}'"
                hint = f"{meant(request.tool, tools)} Or add it to the goal's tools."
                yield Fault(FaultCode.P025, place, message, hint)
