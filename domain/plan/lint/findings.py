"""What the linter says: findings with stable codes, and the report that holds them.

A code never changes its meaning. An error means that the plan must not be accepted; where a rule cannot know for
certain, its finding is a warning.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, JsonValue

from awe.domain.plan.pointer import document_order


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_WEIGHT: Final = {severity: weight for weight, severity in enumerate(Severity)}


class Code(StrEnum):
    """The rules: a stable code, how much a finding weighs unless the rule says milder, and what the rule means."""

    _value_: str
    severity: Severity
    meaning: str

    def __new__(cls, code: str, severity: Severity, meaning: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.severity = severity
        member.meaning = meaning
        return member

    P000 = "P000", Severity.ERROR, "the document is no plan: not JSON, too large, or not of the plan's shape"
    P001 = "P001", Severity.ERROR, "duplicate id"
    P002 = "P002", Severity.ERROR, "unknown dependency"
    P003 = "P003", Severity.ERROR, "task depends on itself"
    P004 = "P004", Severity.ERROR, "dependency cycle"
    P005 = (
        "P005",
        Severity.WARNING,
        "orphan: a task that only reads, and nobody uses its result or waits for it",
    )
    P006 = "P006", Severity.ERROR, "no task produces a declared output of the plan"
    P007 = "P007", Severity.ERROR, "too many tasks, too deep, or too wide"
    P008 = "P008", Severity.ERROR, "unbounded fan-out"
    P009 = "P009", Severity.INFO, "redundant dependency"
    P020 = "P020", Severity.ERROR, "unknown tool"
    P021 = "P021", Severity.ERROR, "tool version unknown; a warning when it is deprecated"
    P022 = "P022", Severity.ERROR, "literal arguments violate the tool's input schema"
    P023 = "P023", Severity.ERROR, "required argument missing"
    P024 = "P024", Severity.ERROR, "unknown argument"
    P029 = "P029", Severity.WARNING, "no catalogue of tools given: what depends on contracts was not checked"
    P030 = "P030", Severity.ERROR, "reference to an unknown source"
    P031 = "P031", Severity.ERROR, "reference to a task that does not come before"
    P032 = "P032", Severity.ERROR, "field absent in the producer's schema"
    P033 = (
        "P033",
        Severity.ERROR,
        "type mismatch between producer and consumer; a warning when it cannot be excluded",
    )
    P034 = "P034", Severity.ERROR, "optional field bound to a required argument without a default"
    P035 = (
        "P035",
        Severity.WARNING,
        "dependency to which nothing is bound, and which is not marked as order only",
    )
    P036 = "P036", Severity.WARNING, "bound value may exceed the size cap"
    P050 = "P050", Severity.WARNING, "no acceptance criterion"
    P051 = "P051", Severity.ERROR, "expression does not compile or type-check"
    P052 = (
        "P052",
        Severity.WARNING,
        "criterion is constant or reads nothing that the task made, so it is as good as none (P050); or `when` is constant",
    )


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Operation(Part):
    """One operation of a JSON Patch (RFC 6902)."""

    op: Literal["add", "remove"]
    path: str
    value: JsonValue = None


class Fix(Part):
    """A safe repair, as a patch of the plan's document with every default written out (`canonical.document`)."""

    title: str
    operations: tuple[Operation, ...]


class Finding(Part):
    """One thing wrong: where (a JSON Pointer into the plan), what, and what to do about it."""

    code: Code
    severity: Severity
    path: str
    message: str
    hint: str
    fix: Fix | None = None

    @classmethod
    def of(
        cls,
        code: Code,
        path: str,
        message: str,
        hint: str,
        *,
        severity: Severity | None = None,
        fix: Fix | None = None,
    ) -> Self:
        """A finding of the code's own severity, unless the rule knows less than it should and says a milder one."""
        return cls(
            code=code, severity=severity or code.severity, path=path, message=message, hint=hint, fix=fix
        )


class Report(Part):
    """The findings of one plan in document order; `omitted` counts those beyond the limit, the mildest first."""

    findings: tuple[Finding, ...]
    omitted: int = 0

    @classmethod
    def of(cls, findings: Sequence[Finding], *, at_most: int) -> Self:
        """The report of these findings, of which no more than `at_most` are kept."""
        kept = sorted(findings, key=lambda finding: _WEIGHT[finding.severity])[:at_most]
        return cls(
            findings=tuple(sorted(kept, key=lambda finding: (document_order(finding.path), finding.code))),
            omitted=len(findings) - len(kept),
        )

    @property
    def ok(self) -> bool:
        """Whether the plan may be accepted: no finding is an error."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def codes(self) -> tuple[Code, ...]:
        """The codes found, each once, sorted."""
        return tuple(sorted({finding.code for finding in self.findings}))
