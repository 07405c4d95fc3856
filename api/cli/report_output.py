"""The three forms of a lint report; each names the same findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from importlib.metadata import version as version_of
from typing import Any

from awe.api.cli import output
from awe.api.cli.input_file import Input
from awe.api.cli.json_positions import Position, positions
from awe.api.cli.report_text import text
from awe.api.cli.sarif import sarif
from awe.domain.plan.lint.findings import Report, Severity
from awe.domain.plan.lint.limits import LIMITS


class ReportOutput(StrEnum):
    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"


def tell(report: Report, plan: Input, form: ReportOutput) -> None:
    places = positions(
        plan.data[: LIMITS.max_bytes].decode("utf-8-sig", errors="replace"),
        {finding.path for finding in report.findings},
    )
    if form is ReportOutput.SARIF:
        output.document(sarif(report, plan.name, places, version=version_of("awe-engine")))
    elif form is ReportOutput.JSON:
        output.document(_document(report, plan.name, places))
    else:
        output.data(text(report, plan.name, places))


def _document(report: Report, file: str, places: Mapping[str, Position]) -> dict[str, Any]:
    counts = Counter(finding.severity for finding in report.findings)
    return {
        "file": file,
        "ok": report.ok,
        "summary": {
            **{severity.value: counts[severity] for severity in Severity},
            "fixable": sum(finding.fix is not None for finding in report.findings),
            "omitted": report.omitted,
        },
        "findings": [
            {
                "code": finding.code.value,
                "severity": finding.severity.value,
                "path": finding.path,
                **places[finding.path]._asdict(),
                "message": finding.message,
                "hint": finding.hint,
                "fix": finding.fix and finding.fix.title,
            }
            for finding in report.findings
        ],
    }
