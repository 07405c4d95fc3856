"""A lint report as SARIF 2.1.0, the form in which code hosts and editors take findings.

Each result names its place twice: by line and column of the file, and by JSON Pointer as a logical location.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from awe.api.cli.json_positions import Position
from awe.domain.plan.lint.findings import Code, Finding, Report, Severity

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_CODES: Final = tuple(Code)


def sarif(report: Report, path: str, places: Mapping[str, Position], *, version: str) -> dict[str, Any]:
    """The log with one run; `places` knows the path of every finding, `version` is the program's."""
    driver = {"name": "awe plan lint", "version": version, "rules": [_rule(code) for code in _CODES]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(path)}, "mimeType": "application/json"}],
        "results": [_result(finding, path, places[finding.path]) for finding in report.findings],
        "properties": {"omitted": report.omitted},
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.value,
        "shortDescription": {"text": code.meaning},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
    }


def _result(finding: Finding, path: str, position: Position) -> dict[str, Any]:
    return {
        "ruleId": finding.code.value,
        "ruleIndex": _CODES.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}\nhint: {finding.hint}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(path), "index": 0},
                    "region": {"startLine": position.line, "startColumn": position.column},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.path, "kind": "value"}],
            }
        ],
        "properties": {"fixable": finding.fix is not None},
    }


def _uri(path: str) -> str:
    return Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())
