"""`awe serve`: the HTTP door of an installation, and no other role."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from awe.api.bootstrap.kit import kit
from awe.api.bootstrap.serving import serving
from awe.api.cli import output
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import carry_out
from awe.api.cli.output import Output, OutputOption
from awe.api.cli.plain import plain
from awe.api.cli.tools_option import ToolsOption
from awe.api.http.application import GRAPHQL, Application
from awe.api.http.keys import Keys, KeysUnusable
from awe.api.http.limits import HttpLimits
from awe.api.http.listening import CannotListen, Listening, listen
from awe.api.http.server import serve as serve_http
from awe.api.roles.engine import Roles, engine
from awe.api.roles.stopping import stop_asked
from awe.api.settings import Settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_NO_ROLES = Roles(keeper=False, scheduler=False, worker=False)


@app.command()
def serve(
    *,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where to listen; AWE_HTTP_HOST, or 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="AWE_HTTP_PORT, or 8080; 0 takes any free one.")
    ] = None,
    tools: ToolsOption = None,
    form: OutputOption = Output.TABLE,
) -> None:
    """Serve GraphQL, downloads, health and metrics over HTTP until stopped.

    Works beside 'awe up' or the roles in processes of their own; plays none of them. Beyond loopback it needs an API key:
    AWE_API_KEY or AWE_API_KEYS_FILE. SIGTERM drains: /readyz fails, subscribers are told to come back, requests end.
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )

    async def work(settings: Settings) -> None:
        keys = _keys(settings)
        listening = _listening(
            settings.http_host if host is None else host, settings.http_port if port is None else port, keys
        )
        try:
            await _serve(settings, keys, listening, tools or [], form)
        finally:
            listening.close()
        output.note("awe serve: stopped")

    carry_out(work)


async def _serve(
    settings: Settings, keys: Keys, listening: Listening, tools: list[str], form: Output
) -> None:
    limits = HttpLimits.of(settings)
    with stop_asked() as stop, kit(settings, tools=tools) as made:
        for said in made.registry.notes:
            output.note(plain(f"note: {said}"))
        async with engine(settings, made, _NO_ROLES) as store, serving(store, made) as parts:
            application = Application(parts, settings, keys, limits, on_loopback=listening.on_loopback)
            await serve_http(application, listening, limits, stop, partial(_tell, listening.urls, keys, form))
            output.note("awe serve: stopping")


def _tell(urls: Sequence[str], keys: Keys, form: Output) -> None:
    """Say where requests are answered, to people and, where one asks, to a program."""
    for url in urls:
        output.note(f"awe serve: listening on {url}; stop it with Ctrl-C or SIGTERM")
    if not keys:
        output.note("awe serve: without API keys, for this machine only")
    if form is Output.JSON:
        output.document({"urls": list(urls), "graphql": f"{urls[0]}{GRAPHQL}", "keys": bool(keys)})


def _keys(settings: Settings) -> Keys:
    try:
        return Keys.of(settings)
    except KeysUnusable as error:
        hint = "Correct these variables of the environment, or unset them."
        raise CliError(ExitCode.INVALID, "keys_unusable", str(error), hint) from error


def _listening(host: str, port: int, keys: Keys) -> Listening:
    try:
        return listen(host, port, keys)
    except CannotListen as error:
        raise CliError(ExitCode.INVALID, error.code, str(error), error.hint) from error
