"""A lint report for a person: one block a finding, the place first, in the form that editors make a link of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from awe.api.cli.json_positions import Position
from awe.api.cli.output import Ink, paint
from awe.api.cli.plain import plain
from awe.domain.plan.lint.findings import Finding, Report, Severity

_INKS: Final = {Severity.ERROR: Ink.RED, Severity.WARNING: Ink.YELLOW, Severity.INFO: Ink.BLUE}
_PLURALS: Final = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "infos"}


def text(report: Report, name: str, places: Mapping[str, Position]) -> str:
    """`name` is the file as the user gave it; `places` knows the path of every finding."""
    return "\n".join(
        (
            *(line for finding in report.findings for line in _block(finding, name, places[finding.path])),
            summary(report, name),
        )
    )


def summary(report: Report, name: str) -> str:
    counts = Counter(finding.severity for finding in report.findings)
    told = [
        f"{counts[severity]} {_word(severity, counts[severity])}" for severity in Severity if counts[severity]
    ]
    if report.omitted:
        told.append(f"{report.omitted} more not shown")
    if fixable := sum(finding.fix is not None for finding in report.findings):
        told.append(f"{fixable} fixable with 'awe plan fix'")
    return f"{name}: {', '.join(told) or 'no findings'}"


def _word(severity: Severity, count: int) -> str:
    return severity.value if count == 1 else _PLURALS[severity]


def _block(finding: Finding, name: str, position: Position) -> Iterator[str]:
    severity = paint(finding.severity.value, _INKS[finding.severity])
    place = paint(f"{name}:{position.line}:{position.column}:", Ink.BOLD)
    yield f"{place} {severity} {finding.code.value} at {plain(finding.path) or 'the top'}"
    yield f"  {plain(finding.message)}"
    yield f"  {paint('hint:', Ink.FAINT)} {plain(finding.hint)}"
    if finding.fix is not None:
        yield f"  {paint('fix:', Ink.FAINT)} {plain(finding.fix.title)}"
    yield ""
