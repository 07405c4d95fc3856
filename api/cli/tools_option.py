"""The option that names further tools."""

from __future__ import annotations

from typing import Annotated

import typer

ToolsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tools",
        metavar="MODULE|FILE",
        help="Serve the tools of this module or Python file too; may be given several times.",
    ),
]
