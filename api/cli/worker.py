"""`awe worker`: one worker, and nothing else."""

from __future__ import annotations

import typer

from awe.api.cli.role_process import QueueOption, SlotsOption, play
from awe.api.cli.tools_option import ToolsOption
from awe.api.roles.engine import Roles

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def worker(*, queue: QueueOption = None, tools: ToolsOption = None, slots: SlotsOption = None) -> None:
    """Work on tasks until stopped.

    SIGTERM drains: nothing new is taken, and what runs may end. All workers of a queue need the same tools.
    """
    roles = Roles(keeper=False, scheduler=False, queues=tuple(queue or ()))
    play(roles, "awe worker", tools=tools, slots=slots)
