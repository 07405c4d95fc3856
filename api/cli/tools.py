"""`awe tools`: the tools that a worker with these settings has. No server is needed."""

from __future__ import annotations

import difflib
import json
from typing import Annotated, Any

import typer

from awe.adapters.tools.errors import ToolLoadError
from awe.adapters.tools.registry import Registry
from awe.api.bootstrap.tool_names import load_tools
from awe.api.cli import output
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import as_cli_error, read_settings
from awe.api.cli.nouns import SUMMARIES, noun
from awe.api.cli.output import Ink, Output, OutputOption, StreamOption, StreamOutput, paint
from awe.api.cli.tools_option import ToolsOption
from awe.domain.contracts import ToolContract

app = noun(SUMMARIES["tools"])


@app.command("list")
def list_(*, tools: ToolsOption = None, form: StreamOption = StreamOutput.TABLE) -> None:
    """List the tools that plans may call.

    As 'json' this is a catalogue of contracts, which 'awe plan lint --tools' takes.
    """
    registry = _loaded(tools)
    contracts = [each for versions in registry.catalogue.tools.values() for each in versions]
    if form is StreamOutput.JSON:
        output.document([contract.model_dump(mode="json") for contract in contracts])
    elif form is StreamOutput.NDJSON:
        for contract in contracts:
            output.line(contract.model_dump(mode="json"))
    else:
        rows = [_row(contract) for contract in contracts]
        output.data(output.table(("TOOL", "VERSION", "EFFECT", "REPEATABLE", "LIMIT", "ARGUMENTS"), rows))
    for note in registry.notes:
        output.note(f"note: {note}")


@app.command()
def show(
    tool: Annotated[
        str, typer.Argument(metavar="TOOL", help="Its name, or NAME@VERSION.", show_default=False)
    ],
    *,
    tools: ToolsOption = None,
    form: OutputOption = Output.TABLE,
) -> None:
    """Show one tool's contract: what it takes, what it gives, what it may do."""
    name, _, version = tool.partition("@")
    catalogue = _loaded(tools).catalogue
    contract = catalogue.find(name, version or None)
    if contract is None:
        alike = difflib.get_close_matches(name, catalogue.tools, n=1)
        hint = f"Did you mean {alike[0]}? " if alike else ""
        raise CliError(
            ExitCode.NOT_FOUND, "tool_unknown", f"There is no tool {tool}.", f"{hint}See 'awe tools list'."
        )
    if form is Output.JSON:
        output.document({**contract.model_dump(mode="json"), "digest": contract.digest})
    else:
        output.data(_text(contract))


def _loaded(tools: list[str] | None) -> Registry:
    try:
        return load_tools((*read_settings().tools, *(tools or ())))
    except ToolLoadError as error:
        raise as_cli_error(error) or error from error


def _row(contract: ToolContract) -> tuple[str, ...]:
    schema: dict[str, Any] = contract.input_schema
    required = schema.get("required", ())
    arguments = (name if name in required else f"[{name}]" for name in schema.get("properties", ()))
    return (
        contract.name,
        contract.version + " (deprecated)" * contract.deprecated,
        contract.effect.value,
        "yes" if contract.repeatable else "no",
        f"{contract.timeout_ms / 1000:g}s",
        ", ".join(arguments),
    )


def _text(contract: ToolContract) -> str:
    facts = (
        ("tool", f"{contract.name}@{contract.version}{' (deprecated)' * contract.deprecated}"),
        ("effect", contract.effect.value),
        ("twice", _TWICE[contract.idempotency.value] if contract.effect.value != "read" else "it only reads"),
        ("limits", f"{contract.timeout_ms / 1000:g} s, {contract.output_cap_bytes:,} bytes of output"),
        ("digest", contract.digest),
    )
    lines = [f"{name:<8} {value}" for name, value in facts]
    for title, schema in (("input", contract.input_schema), ("output", contract.output_schema)):
        lines += ["", paint(title, Ink.BOLD), json.dumps(schema, ensure_ascii=False, indent=2)]
    return "\n".join(lines)


_TWICE = {
    "idempotent": "a second call changes nothing",
    "key": "a second call with the same key is answered as the first was",
    "none": "a second call may have its effect again, so an unknown outcome waits for a person",
}
