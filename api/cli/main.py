"""Every end of the program passes here: an exit code for scripts, two lines for people, no traceback unless asked.

`AWE_DEBUG=1` asks for it.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Final

import typer
from typer.main import get_command

from awe.api.cli import errors, output
from awe.api.cli.exit_codes import MEANINGS, ExitCode
from awe.api.cli.nouns import Nouns

_EPILOG: Final = "\n".join(
    (
        "\b",
        "Exit codes:",
        *(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items()),
        "",
        "\b",
        "Environment:",
        "  AWE_DEBUG=1  show the traceback of a fault",
        "  NO_COLOR=1   never colour the output",
    )
)

app = typer.Typer(
    name="awe",
    cls=Nouns,
    rich_markup_mode=None,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer hands a flag's value over by position
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 (dear to import, and only wanted here)

        output.data(f"awe {version('awe-engine')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def awe(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback has answered before
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Turn a goal into a checked plan, run it reliably, and say afterwards exactly what happened and why.

    Data goes to standard output, progress and errors to standard error.
    """
    if context.invoked_subcommand is None:
        output.data(context.get_help())


def run(args: Sequence[str]) -> ExitCode:
    """Run one command line and tell every fault; never raises."""
    try:
        return _outcome(args)
    except errors.CliError as error:
        output.fault(error, output.for_programs(args))
        return error.exit_code


def _outcome(args: Sequence[str]) -> ExitCode:
    try:
        code = ExitCode(get_command(app).main(list(args), prog_name="awe", standalone_mode=False) or 0)
    except typer.TyperException as error:
        raise errors.wrong_usage(error) from error
    except (KeyboardInterrupt, typer.Abort):
        code = ExitCode.INTERRUPTED
    except errors.CliError:
        _trace_if_asked()
        raise
    except Exception as error:
        _trace_if_asked()
        raise errors.internal(error) from error
    if code is ExitCode.INTERRUPTED:
        raise errors.interrupted()
    return code


def _trace_if_asked() -> None:
    if errors.debugging():
        traceback.print_exc()


def main() -> None:
    output.speak_utf8()
    sys.exit(run(sys.argv[1:]))
