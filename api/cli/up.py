"""`awe up`: the whole engine in one process."""

from __future__ import annotations

import typer

from awe.api.cli.role_process import QueueOption, SlotsOption, play
from awe.api.cli.tools_option import ToolsOption
from awe.api.roles.engine import Roles

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def up(*, queue: QueueOption = None, tools: ToolsOption = None, slots: SlotsOption = None) -> None:
    """Run the whole engine in this process until it is stopped.

    Keeper, scheduler and worker, on embedded servers unless AWE_REDIS_URL and AWE_POSTGRES_URL name others. Other
    processes may run the same roles at the same time.
    """
    play(Roles(queues=tuple(queue or ())), "awe up", tools=tools, slots=slots)
