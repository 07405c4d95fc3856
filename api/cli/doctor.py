"""`awe doctor`: whether the installation and its servers can do their work, and what to do where they cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final

import typer

from awe.api.cli import output
from awe.api.cli.checkup.check import Check, Status
from awe.api.cli.checkup.everything import everything
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.output import Ink, Output, OutputOption, paint
from awe.api.cli.plain import plain

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_INKS: Final = {Status.OK: Ink.GREEN, Status.WARNING: Ink.YELLOW, Status.FAULT: Ink.RED}


@app.command()
def doctor(
    form: OutputOption = Output.TABLE,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How long to wait for each server's answers.")
    ] = 5.0,
) -> ExitCode:
    """Check the installation and the servers it uses.

    Looks at versions, durability, memory, clocks, partitions and the data of the embedded servers. Starts and changes
    nothing, and shows no password. Ends with 1 when there is a fault.
    """
    checks = list(everything(timeout))
    failed = any(check.status is Status.FAULT for check in checks)
    if form is Output.JSON:
        output.document({"ok": not failed, "checks": [asdict(check) for check in checks]})
    else:
        output.data(_text(checks))
    return ExitCode.ERROR if failed else ExitCode.OK


def _text(checks: Sequence[Check]) -> str:
    places = [f"{check.area} {check.name}" for check in checks]
    wide = max(map(len, places))
    lines: list[str] = []
    for check, place in zip(checks, places, strict=True):
        lines.append(
            f"{paint(f'{check.status:7}', _INKS[check.status])}  {place:{wide}}  {plain(check.message)}"
        )
        if check.hint:
            lines.append(f"{'':{9 + wide}}  {paint('hint:', Ink.FAINT)} {plain(check.hint)}")
    counts = Counter(check.status for check in checks)
    told = (
        f"{counts[status]} {status}{'s' * (status is not Status.OK and counts[status] != 1)}"
        for status in Status
    )
    return "\n".join((*lines, "", ", ".join(told)))
