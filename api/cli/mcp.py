"""`awe mcp`: the engine for MCP clients. Standard output carries the protocol and nothing else."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Annotated

import typer

from awe.api.bootstrap.kit import kit
from awe.api.cli import output
from awe.api.cli.actor import actor as who
from awe.api.cli.faults import carry_out
from awe.api.cli.nouns import SUMMARIES, noun
from awe.api.cli.tools_option import ToolsOption
from awe.api.mcp.server import server
from awe.api.roles.engine import Roles, engine
from awe.api.roles.stopping import stop_asked
from awe.api.settings import Settings

app = noun(SUMMARIES["mcp"])


@app.command()
def serve(
    *,
    tools: ToolsOption = None,
    actor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who asks, as recorded; by default this account.")
    ] = None,
    tenant: Annotated[str, typer.Option(metavar="NAME", help="Whose runs they are.")] = "default",
    roles: Annotated[
        bool | None,
        typer.Option(
            "--roles/--no-roles",
            help="Also run the whole engine in this process; by default on embedded servers only.",
        ),
    ] = None,
) -> None:
    """Serve one MCP client over standard input and output, until it leaves.

    Tools: submit_goal, list_runs, show_run.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    name = actor or who().replace("cli:", "mcp:", 1)

    async def work(settings: Settings) -> None:
        all_roles = settings.embedded if roles is None else roles
        played = Roles() if all_roles else Roles(keeper=False, scheduler=False, worker=False)
        with stop_asked() as stop, kit(settings, tools=tools or ()) as made:
            async with engine(settings, made, played) as store:
                output.note(f"awe mcp: serving as {name} of tenant {tenant}")
                serving = asyncio.create_task(
                    server(store, made, actor=name, tenant=tenant).run_stdio_async()
                )
                stopping = asyncio.create_task(stop.wait())
                await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
                serving.cancel()
                stopping.cancel()
                await asyncio.wait({serving, stopping})
                if not serving.cancelled():
                    serving.result()

    carry_out(work)
