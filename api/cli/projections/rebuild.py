"""`awe projections rebuild`: a new version beside the one that is read, compared with it, then read in its place."""

from __future__ import annotations

from typing import Annotated

import typer

from awe.api.bootstrap.projections import projections
from awe.api.cli import output
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.output import Output, OutputOption
from awe.api.cli.projections.documents import (
    comparison_lines,
    estimate_document,
    estimate_lines,
    rebuilt_document,
)
from awe.api.cli.projections.options import NameArgument, note, who
from awe.api.cli.projections.progress_output import progress_output
from awe.api.settings import Settings
from awe.projections.rebuild import rebuilding
from awe.projections.rebuild.estimate import Estimate, estimate
from awe.projections.rebuild.outages import through_outages
from awe.projections.rebuild.rebuilding import Rebuilt


def rebuild(
    name: NameArgument,
    *,
    switch: Annotated[
        bool, typer.Option("--switch/--no-switch", help="Compare it with the live version, and read it.")
    ] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what there is to do.")] = False,
    park: Annotated[
        bool,
        typer.Option("--park", help="Park events that cannot be applied, rather than stop at the first."),
    ] = False,
    force: Annotated[
        str, typer.Option(metavar="REASON", help="Read it although it differs, and say why.")
    ] = "",
    form: OutputOption = Output.TABLE,
) -> None:
    """Build a read model anew from the events, beside the one that is read.

    What was interrupted goes on where it was. The former version is fed until it is dropped, so that a rollback is
    current at once.
    """
    if dry_run:
        _estimate(name, form)
        return

    async def work(settings: Settings) -> Rebuilt:
        async with projections(settings) as opened, opened.workplace(who(), note) as place:
            projector = opened.projector(name)
            with progress_output() as tell:
                return await through_outages(
                    lambda: rebuilding.rebuild(
                        place, projector, tell, switch=switch, park=park, forced=force
                    ),
                    note,
                )

    try:
        rebuilt = carry_out(work)
    except KeyboardInterrupt as error:
        again = f"awe projections rebuild {name}{'' if switch else ' --no-switch'}{' --park' * park}"
        raise CliError(
            ExitCode.INTERRUPTED,
            "interrupted",
            f"Interrupted; {name} is read as before, and what was built is kept.",
            f"Go on with: {again}",
        ) from error
    _tell(name, rebuilt, form)
    if rebuilt.comparison is not None and rebuilt.live != rebuilt.version:
        raise typer.Exit(ExitCode.DIFFERENT)


def _estimate(name: str, form: Output) -> None:
    async def work(settings: Settings) -> Estimate:
        async with projections(settings) as opened:
            return await estimate(opened.connections, opened.projector(name), opened.decode)

    found = carry_out(work)
    if form is Output.JSON:
        output.document(estimate_document(found))
    else:
        output.data("\n".join(estimate_lines(found)))


def _tell(name: str, rebuilt: Rebuilt, form: Output) -> None:
    if form is Output.JSON:
        output.document(rebuilt_document(name, rebuilt))
        return
    lines = [] if rebuilt.comparison is None else list(comparison_lines(name, rebuilt.comparison))
    if rebuilt.live == rebuilt.version:
        lines.append(f"version {rebuilt.version} of {name} is read now")
    else:
        lines.append(f"version {rebuilt.version} of {name} is built and fed; version {rebuilt.live} is read")
        lines.append(f"read it with: awe projections switch {name} {rebuilt.version}")
        if rebuilt.comparison is not None:
            lines[-1] += " --force REASON"
    output.data("\n".join(lines))
