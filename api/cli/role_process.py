"""A process that plays roles until it is told to stop."""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from awe.api.bootstrap.means import means
from awe.api.cli import output
from awe.api.cli.faults import carry_out
from awe.api.cli.plain import plain
from awe.api.roles.engine import Roles, engine
from awe.api.roles.stopping import entered, stop_asked
from awe.api.settings import Settings

if TYPE_CHECKING:
    from awe.api.bootstrap.kit import Kit

SlotsOption = Annotated[
    int | None, typer.Option(min=1, help="How many tasks are done at once; AWE_SLOTS, or 16.")
]
QueueOption = Annotated[
    list[str] | None,
    typer.Option(
        "--queue", metavar="NAME", help="Serve this task queue besides 'default'; may be given several times."
    ),
]


def play(roles: Roles, name: str, *, tools: list[str] | None = None, slots: int | None = None) -> None:
    """Play the roles until SIGTERM or SIGINT, then end what is being done; a second signal ends at once.

    Servers that are away are waited for, in the beginning as later.
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )

    async def work(settings: Settings) -> None:
        if slots is not None:
            settings = settings.model_copy(update={"slots": slots})
        equipped = _kit(settings, tools or ()) if roles.worker else means(settings)
        with stop_asked() as stop, equipped as made:
            async with AsyncExitStack() as held:
                if await entered(held, engine(settings, made, roles, patient=True), stop):
                    output.note(f"{name}: running; stop it with Ctrl-C or SIGTERM")
                    await stop.wait()
                    output.note(f"{name}: stopping")
        output.note(f"{name}: stopped")

    carry_out(work)


@contextmanager
def _kit(settings: Settings, tools: Sequence[str]) -> Generator[Kit]:
    from awe.api.bootstrap.kit import kit  # noqa: PLC0415 (only a worker has tools in memory)

    with kit(settings, tools=tools) as made:
        for said in made.registry.notes:
            output.note(plain(f"note: {said}"))
        yield made
