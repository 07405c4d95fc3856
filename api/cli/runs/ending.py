"""How a run ended, as an exit code."""

from __future__ import annotations

from awe.api.cli.exit_codes import ExitCode
from awe.domain.run.state import RunStatus
from awe.projections.views.run import RunView


def exit_code(view: RunView) -> ExitCode:
    """The code for a run that is no longer followed: it has ended, or waits for a person."""
    if view.status is RunStatus.SUCCEEDED:
        return ExitCode.OK
    return ExitCode.RUN_FAILED if view.ended else ExitCode.UNRESOLVED
