"""The run that a command names: its id, its partition, and what is said where there is no such run."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated

import typer

from awe.api.bootstrap import partition_name
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.domain.identifiers import partition_of
from awe.domain.run.state import RunStatus
from awe.projections.views.run import RunView

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The id of the run.", show_default=False)]


def partition_in(partitions: Container[str], run: str) -> str:
    """The partition that holds the run, if there is one.

    Raises:
        MalformedIdentifier: that is no run id.
        CliError: the installation has no such partition.
    """
    name = partition_name(partition_of(run))
    if name not in partitions:
        raise missing(run)
    return name


def there(view: RunView) -> RunView:
    """The view itself; raises `CliError` when nothing ever happened in that run."""
    if view.status is RunStatus.ABSENT and not view.events:
        raise missing(view.run)
    return view


def missing(run: str) -> CliError:
    return CliError(ExitCode.NOT_FOUND, "run_missing", f"There is no run {run}.", "See 'awe runs list'.")
