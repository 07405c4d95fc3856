"""One list of findings about a goal and its plan: those of lint (P codes) beside the faults of planning (G codes)."""

from collections.abc import Iterable
from typing import NamedTuple

from awe.domain.events import Json
from awe.domain.plan.lint import findings as lint
from awe.domain.plan.lint.findings import Severity
from awe.domain.plan.playbook.faults import Fault


class Finding(NamedTuple):
    """A stable code, how much it weighs, a JSON Pointer, what is wrong and what to do.

    The places of P codes are in the plan, those of G codes in the goal, but of G004 in a playbook of the library.
    """

    code: str
    severity: Severity
    path: str
    message: str
    hint: str

    def document(self) -> dict[str, Json]:
        return {
            "code": self.code,
            "severity": self.severity.value,
            "path": self.path,
            "message": self.message,
            "hint": self.hint,
        }


def of_lint(found: lint.Finding) -> Finding:
    return Finding(found.code.value, found.severity, found.path, found.message, found.hint)


def of_fault(fault: Fault) -> Finding:
    return Finding(fault.code.value, fault.severity, fault.path, fault.message, fault.hint)


def refuse(findings: Iterable[Finding]) -> bool:
    """Whether one of them stands in the way of the plan."""
    return any(found.severity is Severity.ERROR for found in findings)
