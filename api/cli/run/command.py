"""The command itself: read the goal, examine it, begin the run; then work on it and show how it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from awe.adapters.playbooks.faults import GoalFileError
from awe.adapters.playbooks.goals import Goal
from awe.adapters.schemas import JsonSchemas
from awe.api.bootstrap.kit import Kit, kit
from awe.api.cli import output
from awe.api.cli.actor import actor
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.output import Output, OutputOption
from awe.api.cli.plain import plain
from awe.api.cli.run import ending
from awe.api.cli.run.detaching import submit_only
from awe.api.cli.run.following import run_here
from awe.api.cli.run.inputs import read_inputs
from awe.api.cli.run.refusal import malformed, refused, unreadable
from awe.api.cli.runs.ending import exit_code
from awe.api.goals.preparing import Asked, GoalMalformed, GoalRefused, Prepared, prepare
from awe.api.goals.wanted import wanted
from awe.api.settings import Settings

T = TypeVar("T")


def run(
    goal: Annotated[
        str,
        typer.Argument(
            metavar="GOAL",
            help="A goal file, a folder with a goal.yaml, or a goal in words.",
            show_default=False,
        ),
    ],
    *,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="NAME=VALUE",
            help="An input, JSON where it is JSON; NAME=@FILE reads a file, @FILE an object of several.",
        ),
    ] = None,
    playbook: Annotated[
        str | None, typer.Option(metavar="NAME", help="Plan with this playbook, whatever the goal's words.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Idempotency key: the same key with the same goal is the same run."),
    ] = None,
    priority: Annotated[
        int | None, typer.Option(min=-100, max=100, help="Runs with a higher number are served first.")
    ] = None,
    detach: Annotated[
        bool,
        typer.Option("--detach", "-d", help="Begin the run, print its id, and leave the work to others."),
    ] = False,
    form: OutputOption = Output.TABLE,
) -> ExitCode:
    """Run a goal to its end, with all roles of the engine in this process.

    A folder has a goal.yaml, and beside it a plan.json or playbook.yaml, and a tools.py if the goal needs tools of its
    own. The plan is checked first; nothing begins with one that has errors. Ctrl-C asks to cancel the run; once more
    leaves it to other processes.

    Ends with 0 when the run succeeded, 7 when it failed or was cancelled, 8 when it waits for a person.
    """
    try:
        asked = Asked(actor(), inputs=read_inputs(given or ()), key=key, priority=priority, playbook=playbook)
        if detach:
            begun = carry_out(lambda settings: _with_goal(settings, goal, asked, submit_only))
            if form is Output.JSON:
                output.document(ending.nothing("planning", begun))
            else:
                output.data(begun)
            return ExitCode.OK
        view, exported = carry_out(lambda settings: _with_goal(settings, goal, asked, run_here))
    except CliError as error:
        error.beside = {**ending.nothing(), **error.beside}
        raise
    ending.tell(view, exported, form)
    return exit_code(view)


async def _with_goal(
    settings: Settings, text: str, asked: Asked, do: Callable[[Settings, Kit, Prepared], Awaitable[T]]
) -> T:
    """Do something with the goal once it is known that a run may begin with it."""
    try:
        goal = wanted(text, JsonSchemas())
        tools = [str(goal.tools_file)] if isinstance(goal, Goal) and goal.tools_file is not None else []
        with kit(settings, tools=tools) as made:
            prepared = await prepare(goal, asked, made)
            for found in prepared.preview.findings:
                output.note(plain(f"{found.severity.value} {found.code} at {found.path}: {found.message}"))
            return await do(settings, made, prepared)
    except GoalRefused as error:
        raise refused(error) from error
    except GoalMalformed as error:
        raise malformed(error) from error
    except GoalFileError as error:
        raise unreadable(error) from error
