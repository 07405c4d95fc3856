"""Applies the fixes of the rules that have safe ones, until none is left: so a second application changes nothing.

No fix touches anything but `deps` and `order_only`: no task is ever removed, and no plan that was in order is not.
"""

from collections.abc import Iterable
from typing import Any, cast

from awe.domain.plan.canonical import document
from awe.domain.plan.lint.edges import edges
from awe.domain.plan.lint.findings import Finding, Fix
from awe.domain.plan.lint.subject import Structure
from awe.domain.plan.model import Plan
from awe.domain.plan.pointer import document_order, resolve, tokens_of


def apply_fixes(plan: Plan) -> tuple[Plan, tuple[Finding, ...]]:
    """The mended plan and the findings that were mended, in the order of mending; ends, see `edges`."""
    applied: list[Finding] = []
    while fixable := [finding for finding in edges(Structure(plan)) if finding.fix is not None]:
        last_first = sorted(fixable, key=lambda finding: document_order(finding.path), reverse=True)
        plan = Plan.model_validate(_patched(document(plan), [finding.fix for finding in last_first]))
        applied.extend(fixable)
    return plan, tuple(applied)


def _patched(target: dict[str, Any], fixes: Iterable[Fix | None]) -> dict[str, Any]:
    """Apply each fix once; from the last place to the first, no removal moves what another one means."""
    for fix in filter(None, dict.fromkeys(fixes)):
        for operation in fix.operations:
            *parent, last = tokens_of(operation.path)
            array = cast("list[str]", resolve(target, parent))
            if operation.op == "remove":
                del array[int(last)]
            else:
                array.append(cast("str", operation.value))
    return target
