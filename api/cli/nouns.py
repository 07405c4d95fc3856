"""Help names every noun without importing any: a noun's module is imported when a command of it is invoked.

So `awe --help` and completion answer at once, whatever libraries the commands themselves need.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

SUMMARIES: Final = {
    "run": "Run a goal: words, a goal file, or a folder with one.",
    "runs": "List, show, watch, cancel and replay runs.",
    "up": "Run the whole engine in this process until it is stopped.",
    "worker": "Work on tasks until stopped.",
    "scheduler": "Schedule tasks until stopped.",
    "projector": "Heal, archive and trim the log until stopped.",
    "serve": "Serve GraphQL, downloads and metrics over HTTP until stopped.",
    "projections": "Rebuild, compare, switch and look after read models.",
    "tools": "List and show the tools that plans may call.",
    "events": "Read the event log.",
    "mcp": "Offer the engine to MCP clients.",
    "plan": "Check, repair and draw plans; print their JSON Schema.",
    "doctor": "Check the installation and the servers it uses.",
}
"""The nouns: `awe.api.cli.<noun>` holds the `app` of each."""


class Nouns(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for noun, summary in SUMMARIES.items():
            self.add_command(TyperCommand(noun, short_help=summary, rich_markup_mode=None))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        noun, command, rest = super().resolve_command(ctx, args)
        if noun in SUMMARIES:
            command = get_command(import_module(f"awe.api.cli.{noun}").app)
        return noun, command, rest


def noun(summary: str) -> typer.Typer:
    """The `app` of a noun with several verbs."""
    app = typer.Typer(help=summary, rich_markup_mode=None, add_completion=False)
    app.callback()(lambda: None)
    return app
