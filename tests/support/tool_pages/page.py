"""The page of one group, and the index: what a contract says, in tables, and one call of each tool with its answer."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from awe.adapters.tools.definition import Definition
from support.tool_pages.examples import EXAMPLES
from support.tool_pages.schema_rows import schema_rows

INTRODUCTIONS = {
    "chart": (
        "Pictures of tables, as PNG and SVG, drawn the same way every time. Both are artifacts of the call; their"
        " references go into the images of a document."
    ),
    "document": (
        "One structure for a document: a title and sections with paragraphs, bullets, tables, images and evidence."
        " Both tools take the same one. Nothing in a document is code: text is text, whatever it holds."
    ),
    "git": (
        "They read a git repository in a folder, without git and without writing: work trees, bare and shallow"
        " repositories, packed or not. Give a full commit id as `at` (like `head` of `git.summary`) and later tasks see"
        " the same history, whatever happens to the branch. A folder that is no repository is `invalid_input`. Paths"
        " and names that are not UTF-8 are shown with their bytes in hex."
    ),
    "project": (
        "What a repository says of itself, read out of the files of a commit. Nothing is looked up anywhere else."
    ),
    "table": (
        "A table is a list of objects, as most tools return them; the members are the columns, and a row that lacks"
        " one has null there. A column that no row has, and values that cannot be compared or added, are"
        " `invalid_input` with the name of the column."
    ),
    "text": "Small work on texts.",
    "workspace": (
        "The run's own folder, shared by its tasks. A path is relative and stays inside; links are not followed."
        " What is to outlive the run is an artifact."
    ),
}
_WIDEST = 100
_MASKED = re.compile(r'("bytes": )\d+|("sha256": ")[0-9a-f]{64}')


def group_of(tool: str) -> str:
    return tool.partition(".")[0]


def group_page(group: str, tools: Mapping[str, Definition], answers: Mapping[str, Any]) -> str:
    pieces = [f"# {group}.*", INTRODUCTIONS[group]]
    for name, tool in sorted(tools.items()):
        if group_of(name) == group:
            pieces += _tool(tool, answers[name])
    return "\n\n".join(pieces) + "\n"


def index_page(tools: Mapping[str, Definition]) -> str:
    pieces = [
        "# Tools that come with AWE",
        "Each page shows the contracts of one group as they are, and a call of each tool with what it returns.",
    ]
    for group, words in INTRODUCTIONS.items():
        rows = [
            f"| `{name}` | {tool.contract.effect} | {_first_sentence(tool)} |"
            for name, tool in sorted(tools.items())
            if group_of(name) == group
        ]
        pieces += [
            f"## [{group}.*]({group}.md)",
            words,
            "\n".join(["| tool | effect | what it does |", "| --- | --- | --- |", *rows]),
        ]
    return "\n\n".join(pieces) + "\n"


def _tool(tool: Definition, answer: Any) -> Iterator[str]:
    contract = tool.contract
    yield f"## {contract.name}"
    yield _description(tool)
    limits = [
        f"effect {contract.effect}",
        *([f"idempotency {contract.idempotency}"] if contract.effect != "read" else []),
        f"version {contract.version}",
        f"at most {contract.timeout_ms / 1000:g} s",
        f"at most {contract.output_cap_bytes:,} bytes of output",
        *(["in a process of its own"] if tool.heavy else []),
    ]
    yield "; ".join(limits).capitalize() + "."
    yield "\n".join(_inputs(contract.input_schema))
    yield "\n".join(_outputs(contract.output_schema))
    call = {"tool": contract.name, "arguments": EXAMPLES[contract.name]}
    yield f"```json\n{_written(call)}\n```"
    shown = _written(answer)
    if group_of(contract.name) in {"chart", "document"}:
        shown = _MASKED.sub(lambda found: f"{found[1]}…" if found[1] else f"{found[2]}…", shown)
    yield f"```json\n{shown}\n```"


def _inputs(schema: dict[str, Any]) -> Iterator[str]:
    rows = schema_rows(schema)
    if not rows:
        yield "No arguments."
        return
    yield "| argument | type | default | |"
    yield "| --- | --- | --- | --- |"
    for row in rows:
        default = "" if row.required or "." in row.path else _default(schema["properties"][row.path])
        default = default or ("required" if row.required else "optional")
        yield f"| `{row.path}` | {_cell(row.type)} | {_cell(default)} | {_cell(row.notes)} |"


def _outputs(schema: dict[str, Any]) -> Iterator[str]:
    yield "| output | type |"
    yield "| --- | --- |"
    for row in schema_rows(schema):
        yield f"| `{row.path}` | {_cell(row.type)} |"


def _default(member: dict[str, Any]) -> str:
    return f"`{json.dumps(member['default'], ensure_ascii=False)}`" if "default" in member else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _description(tool: Definition) -> str:
    paragraphs = (tool.function.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _first_sentence(tool: Definition) -> str:
    return _cell(_description(tool).partition("\n\n")[0])


def _written(value: Any) -> str:
    """JSON with what is short on one line."""
    return _indented(value, 0)


def _indented(value: Any, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + 2 * depth <= _WIDEST or not isinstance(value, dict | list):
        return flat
    inner = "  " * (depth + 1)
    members = cast("Any", value)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_indented(each, depth + 1)}" for key, each in members.items()]
        opened, closed = "{", "}"
    else:
        parts = [_indented(each, depth + 1) for each in members]
        opened, closed = "[", "]"
    return f"{opened}\n{inner}" + f",\n{inner}".join(parts) + f"\n{'  ' * depth}{closed}"
