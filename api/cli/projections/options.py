"""What several verbs take, and who they say they are."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import typer

from awe.api.cli import output
from awe.api.cli.actor import actor

NameArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The projection, as in 'awe projections list'.", show_default=False),
]
VersionArgument = Annotated[
    int | None,
    typer.Argument(
        metavar="VERSION", help="Its number; the newest that is built, unless given.", show_default=False
    ),
]


def who() -> str:
    """How others are told who works on a projection."""
    return f"{actor()} on {socket.gethostname()}, process {os.getpid()}"


def note(text: str) -> None:
    output.note(f"note: {text}")
