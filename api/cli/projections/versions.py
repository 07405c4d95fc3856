"""`awe projections verify|switch|rollback|drop|resume`: single steps in the life of a version."""

from __future__ import annotations

from typing import Annotated

import typer

from awe.api.bootstrap.projections import projections
from awe.api.cli import output
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.output import Output, OutputOption
from awe.api.cli.projections.documents import comparison_document, comparison_lines
from awe.api.cli.projections.options import NameArgument, VersionArgument, note, who
from awe.api.settings import Settings
from awe.projections import positions
from awe.projections.rebuild import effects, rebuilding
from awe.projections.rebuild.comparing import Comparison
from awe.projections.rebuild.errors import ProjectionUnknown


def verify(name: NameArgument, version: VersionArgument = None, *, form: OutputOption = Output.TABLE) -> None:
    """Compare a version with the live one, row by row at one position; ends with 6 when they differ."""

    async def work(settings: Settings) -> Comparison:
        async with projections(settings) as opened, opened.workplace(who(), note) as place:
            return await rebuilding.verify(place, opened.projector(name), version)

    found = carry_out(work)
    if form is Output.JSON:
        output.document({"projection": name, **comparison_document(found)})
    else:
        output.data("\n".join(comparison_lines(name, found)))
    if not found.equal:
        raise typer.Exit(ExitCode.DIFFERENT)


def switch(
    name: NameArgument,
    version: VersionArgument = None,
    *,
    force: Annotated[
        str, typer.Option(metavar="REASON", help="Read it although it was not found equal, and say why.")
    ] = "",
    form: OutputOption = Output.TABLE,
) -> None:
    """Let queries read a version that is built and was found equal to the live one."""

    async def work(settings: Settings) -> int:
        async with projections(settings) as opened, opened.workplace(who(), note) as place:
            return await rebuilding.switch(place, opened.projector(name), version, forced=force)

    _told_live(name, carry_out(work), form)


def rollback(
    name: NameArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why, for those who read it later.", show_default=False)],
    form: OutputOption = Output.TABLE,
) -> None:
    """Let queries read the version again that was live before."""

    async def work(settings: Settings) -> int:
        async with projections(settings) as opened, opened.workplace(who(), note) as place:
            return await rebuilding.roll_back(place, name, reason)

    _told_live(name, carry_out(work), form)


def drop(
    name: NameArgument,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="Its number.", show_default=False)],
    *,
    form: OutputOption = Output.TABLE,
) -> None:
    """Give up a version that is not read, with its table."""

    async def work(settings: Settings) -> None:
        async with projections(settings) as opened, opened.workplace(who(), note) as place:
            await rebuilding.drop(place, name, version)

    carry_out(work)
    if form is Output.JSON:
        output.document({"projection": name, "dropped": version})
    else:
        output.note(f"version {version} of {name} is dropped")


def resume(name: NameArgument, *, form: OutputOption = Output.TABLE) -> None:
    """Feed a projection again that was stopped; mend what stopped it first."""

    async def work(settings: Settings) -> list[int]:
        async with projections(settings) as opened, opened.connections.connection() as connection:
            if not await effects.known(connection, name):
                raise ProjectionUnknown(f"there is no projection {name}")
            return list(await positions.resume(connection, name))

    resumed = carry_out(work)
    if form is Output.JSON:
        output.document({"projection": name, "resumed": resumed})
    else:
        told = ", ".join(map(str, resumed))
        output.note(f"version {told} of {name} is fed again" if resumed else f"{name} was not stopped")


def _told_live(name: str, version: int, form: Output) -> None:
    if form is Output.JSON:
        output.document({"projection": name, "live": version})
    else:
        output.note(f"version {version} of {name} is read now")
