"""`awe projector`: keeps the log. Without one no partition is opened after a restart of its server."""

from __future__ import annotations

import typer

from awe.api.cli.role_process import play
from awe.api.roles.engine import Roles

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def projector() -> None:
    """Heal, archive and trim the log until stopped.

    Also brings the schema in Postgres to what this release knows. Several do no harm.
    """
    play(Roles(scheduler=False, worker=False), "awe projector")
