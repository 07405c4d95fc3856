"""`awe scheduler`: makes tasks ready, times retries and deadlines, and ends runs."""

from __future__ import annotations

import typer

from awe.api.cli.role_process import play
from awe.api.roles.engine import Roles

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def scheduler() -> None:
    """Schedule tasks until stopped.

    One scheduler is active in each partition; further ones stand by and take over.
    """
    play(Roles(keeper=False, worker=False), "awe scheduler")
