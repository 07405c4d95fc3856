"""A goal that no run begins with, told with the place and the hint of everything found."""

from __future__ import annotations

from typing import Any

from awe.adapters.playbooks.faults import GoalFileError
from awe.api.cli import output
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.output import Ink, paint
from awe.api.cli.plain import plain
from awe.api.goals.preparing import GoalMalformed, GoalRefused
from awe.domain.plan.lint.findings import Severity

_INKS = {Severity.ERROR: Ink.RED, Severity.WARNING: Ink.YELLOW, Severity.INFO: Ink.BLUE}


def refused(error: GoalRefused) -> CliError:
    """Tell every finding, and return the fault: its message and hint are those of the first error."""
    for found in error.findings:
        severity = paint(found.severity.value, _INKS[found.severity])
        output.note(f"{severity} {found.code} at {plain(found.path) or 'the top'}: {plain(found.message)}")
        if found.hint:
            output.note(f"  {paint('hint:', Ink.FAINT)} {plain(found.hint)}")
    first = next(found for found in error.findings if found.severity is Severity.ERROR)
    told = CliError(
        ExitCode.INVALID,
        "goal_refused",
        f"Nothing was begun: {first.message} ({first.code} at {first.path or 'the top'}).",
        first.hint or "Correct the goal and run the command again.",
    )
    told.beside = {"findings": [found.document() for found in error.findings]}
    return told


def unreadable(error: GoalFileError) -> CliError:
    """The same for a file that cannot be used."""
    for found in error.findings[1:]:
        output.note(plain(f"{found}"))
    first = error.findings[0]
    place = first.file if first.line is None else f"{first.file}:{first.line}"
    at = f" at {first.path}" if first.path else ""
    told = CliError(
        ExitCode.INVALID,
        "goal_file_invalid",
        f"{place}{at}: {first.message}.",
        first.hint or "Correct the file.",
    )
    findings: list[dict[str, Any]] = [found._asdict() for found in error.findings]
    told.beside = {"findings": findings}
    return told


def malformed(error: GoalMalformed) -> CliError:
    return CliError(
        ExitCode.INVALID, "goal_malformed", f"The goal cannot be submitted: {error}.", "See: awe run --help"
    )
