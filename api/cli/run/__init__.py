"""`awe run`: one goal, from words or a file to its outputs, with all roles in this process."""

import typer

from awe.api.cli.run.command import run

app = typer.Typer(rich_markup_mode=None, add_completion=False)
app.command()(run)
