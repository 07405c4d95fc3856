"""`awe projections list` and `status`: which versions there are, which is read, how far behind the archive each is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from awe.api.bootstrap.projections import projections
from awe.api.cli import output
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.output import Output, OutputOption, StreamOption, StreamOutput
from awe.api.cli.projections.documents import version_document
from awe.api.settings import Settings
from awe.projections.queries import standing
from awe.projections.rebuild import effects


def list_(*, form: StreamOption = StreamOutput.TABLE) -> None:
    """List the versions of all projections.

    A version without CODE HERE is fed only by processes that have its code: another release, or other AWE_PROJECTIONS.
    """
    found = _versions()
    if form is StreamOutput.JSON:
        output.document({"versions": found})
    elif form is StreamOutput.NDJSON:
        for each in found:
            output.line(each)
    else:
        output.data(_table(found))


def status(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this projection.", show_default=False)
    ] = None,
    *,
    form: OutputOption = Output.TABLE,
) -> None:
    """Show where each version stands in each partition, and what stopped it."""
    found = [each for each in _versions() if name in {None, each["projection"]}]
    if not found:
        raise CliError(
            ExitCode.NOT_FOUND,
            "projection_unknown",
            f"There is no projection {name}." if name else "There is no projection yet.",
            "See 'awe projections list'.",
        )
    if form is Output.JSON:
        output.document({"versions": found})
        return
    blocks = [_table(found)]
    blocks += [
        f"{each['projection']} {each['version']} is stopped: {each['stopped']}\n"
        f"Go on with: awe projections resume {each['projection']}"
        for each in found
        if each["stopped"]
    ]
    rows = [
        (each["projection"], str(each["version"]), at["partition"], f"{at['n']:,}", f"{at['head']:,}")
        for each in found
        for at in each["partitions"]
    ]
    blocks.append(output.table(("NAME", "VERSION", "PARTITION", "EVENT", "ARCHIVED"), rows))
    output.data("\n\n".join(blocks))


def _versions() -> list[dict[str, Any]]:
    async def work(settings: Settings) -> list[dict[str, Any]]:
        async with projections(settings) as opened, opened.connections.connection() as connection:
            found = await standing.versions(connection)
            known = {
                (name, each.number): each
                for name in {each.name for each in found}
                for each in await effects.known(connection, name)
            }
            return [
                version_document(each, known.get((each.name, each.version)), opened.projectors)
                for each in found
            ]

    return carry_out(work)


def _table(found: list[dict[str, Any]]) -> str:
    rows = [
        (
            each["projection"],
            str(each["version"]),
            each["state"],
            f"{each['events']:,}",
            f"{each['behind']:,}",
            str(each["parked"]),
            "yes" if each["code_here"] else "no",
        )
        for each in found
    ]
    return output.table(("NAME", "VERSION", "STATE", "EVENTS", "BEHIND", "PARKED", "CODE HERE"), rows)
