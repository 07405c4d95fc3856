"""`awe projections parked`: sequences whose event could not be applied, tried again or given up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from awe.api.bootstrap.projections import Projections, projections
from awe.api.cli import output
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.nouns import noun
from awe.api.cli.output import Output, OutputOption, StreamOption, StreamOutput
from awe.api.cli.projections.options import NameArgument, note
from awe.api.settings import Settings
from awe.projections import parking
from awe.projections.parking import ParkedSequence
from awe.projections.tables import code_of

app = noun("Look after sequences of which an event could not be applied.")

SequenceArgument = Annotated[
    str | None,
    typer.Argument(metavar="[SEQUENCE]", help="Only this one; most are runs.", show_default=False),
]
VersionOption = Annotated[int | None, typer.Option(help="Only those of this version.", show_default=False)]


@app.command("list")
def list_(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this projection.", show_default=False)
    ] = None,
    *,
    form: StreamOption = StreamOutput.TABLE,
) -> None:
    """List what is parked, from which event on, and why."""

    async def work(settings: Settings) -> list[ParkedSequence]:
        async with projections(settings) as opened, opened.connections.connection() as connection:
            return list(await parking.listed(connection, name))

    found = carry_out(work)
    if form is StreamOutput.JSON:
        output.document({"parked": [_document(each) for each in found]})
    elif form is StreamOutput.NDJSON:
        for each in found:
            output.line(_document(each))
    else:
        rows = [
            (each.name, str(each.version), each.sequence, str(each.n), str(each.events), each.error)
            for each in found
        ]
        output.data(output.table(("NAME", "VERSION", "SEQUENCE", "FROM", "EVENTS", "ERROR"), rows))


@app.command()
def retry(
    name: NameArgument,
    sequence: SequenceArgument = None,
    *,
    version: VersionOption = None,
    form: OutputOption = Output.TABLE,
) -> None:
    """Apply what is parked, now that its cause is mended.

    Ends with 1 when some of it cannot be applied still.
    """

    async def each(opened: Projections, parked: ParkedSequence) -> dict[str, Any]:
        projector = opened.projector(parked.name)
        async with opened.connections.connection() as connection:
            done = await parking.retry(connection, projector, parked, opened.decode)
        error = None if done.parked is None else done.parked.error
        return {**_named(parked), "applied": done.applied, "error": error}

    told = _of_each(name, sequence, version, each, needs_code=True)
    left = [one for one in told if one["error"]]
    if form is Output.JSON:
        output.document({"retried": told})
    else:
        rows = [
            (str(one["version"]), one["sequence"], str(one["applied"]), one["error"] or "applied")
            for one in told
        ]
        output.data(output.table(("VERSION", "SEQUENCE", "EVENTS", "OUTCOME"), rows))
    if left:
        raise typer.Exit(ExitCode.ERROR)


@app.command()
def discard(
    name: NameArgument,
    sequence: Annotated[
        str, typer.Argument(metavar="SEQUENCE", help="Which one; most are runs.", show_default=False)
    ],
    *,
    version: VersionOption = None,
    form: OutputOption = Output.TABLE,
) -> None:
    """Give up the parked events of a sequence; its later events are applied to what is there.

    The events stay in the log: the next rebuild meets them again.
    """

    async def each(opened: Projections, parked: ParkedSequence) -> dict[str, Any]:
        async with opened.connections.connection() as connection:
            given_up = await parking.discard(connection, parked)
        return {**_named(parked), "events": parked.events if given_up else 0}

    told = _of_each(name, sequence, version, each)
    if form is Output.JSON:
        output.document({"discarded": told})
    else:
        for one in told:
            output.note(f"gave up {one['events']} events of {one['sequence']} in version {one['version']}")


def _of_each(
    name: str,
    sequence: str | None,
    version: int | None,
    work: Callable[[Projections, ParkedSequence], Awaitable[dict[str, Any]]],
    *,
    needs_code: bool = False,
) -> list[dict[str, Any]]:
    async def all_of_them(settings: Settings) -> list[dict[str, Any]]:
        async with projections(settings) as opened:
            async with opened.connections.connection() as connection:
                found = await parking.listed(connection, name, version=version, sequence=sequence)
                versions = await parking.codes(connection, name) if needs_code else dict[int, str]()
            if not found:
                raise CliError(
                    ExitCode.NOT_FOUND,
                    "nothing_parked",
                    f"{name} has nothing parked{f' of {sequence}' if sequence else ''}.",
                    "See 'awe projections parked list'.",
                )
            here = code_of(opened.projector(name)) if needs_code else None
            told: list[dict[str, Any]] = []
            for parked in found:
                if needs_code and versions.get(parked.version) != here:
                    note(f"version {parked.version} has other code than this process, and is passed over")
                    continue
                told.append(await work(opened, parked))
            return told

    return carry_out(all_of_them)


def _named(parked: ParkedSequence) -> dict[str, Any]:
    return {
        "projection": parked.name,
        "version": parked.version,
        "partition": parked.partition,
        "sequence": parked.sequence,
        "n": parked.n,
    }


def _document(parked: ParkedSequence) -> dict[str, Any]:
    return {
        **_named(parked),
        "events": parked.events,
        "error": parked.error,
        "parked_at": parked.parked_at.isoformat(timespec="seconds"),
    }
