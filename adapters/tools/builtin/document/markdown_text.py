"""A document as Markdown (CommonMark with tables): text stays text, whatever characters are in it."""

import re
from collections.abc import Iterator
from typing import Final

from awe.adapters.tools.builtin.document.cells import NOTHING, cell, is_numeric, printable
from awe.adapters.tools.builtin.document.model import (
    Block,
    Bullets,
    Document,
    Evidence,
    Image,
    Paragraph,
    Statement,
    Table,
)

_SPECIAL: Final = re.compile(r"[\\`*\[\]<|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|!(?=\[)")
_AT_THE_START: Final = re.compile(
    r"^(\s*)(>|#{1,6}(?=\s|$)|[+-](?=\s|$)|-(?=[-\s]*$)|=(?==*\s*$)|\d{1,9}[.)](?=\s|$))", re.MULTILINE
)
_INDENT: Final = "  "


def markdown(document: Document) -> str:
    """The whole text."""
    return "\n\n".join(_pieces(document)) + "\n"


def _pieces(document: Document) -> Iterator[str]:
    yield f"# {_line(document.title)}"
    if document.subtitle:
        yield f"*{_line(document.subtitle)}*"
    for section in document.sections:
        yield f"{'#' * (section.level + 1)} {_line(section.heading)}"
        for block in section.blocks:
            yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield from (_prose(part) for part in re.split(r"\n\s*\n", block.text) if part.strip())
        case Bullets():
            yield "\n".join(f"- {_line(item)}" for item in block.items) or NOTHING
        case Evidence():
            yield "\n".join(map(_statement, block.statements)) or NOTHING
        case Image():
            yield f"![{_line(block.alt)}](<{_target(block.artifact['name'])}>)"
        case Table():
            yield "\n".join(_table(block))
    if isinstance(block, Image | Table) and block.caption:
        yield f"*{_line(block.caption)}*"


def _statement(statement: Statement) -> str:
    return "\n".join(
        (f"- {_line(statement.text)}", *(f"{_INDENT}- {_line(source)}" for source in statement.sources))
    )


def _table(table: Table) -> Iterator[str]:
    yield _row(_line(column.title or column.key) for column in table.columns)
    numeric = [is_numeric([row.get(column.key) for row in table.rows]) for column in table.columns]
    yield _row("---:" if right else "---" for right in numeric)
    for row in table.rows:
        yield _row(_line(cell(row.get(column.key))) for column in table.columns)


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _line(text: str) -> str:
    return _prose(" ".join(text.split()))


def _prose(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", printable(text).strip())
    return _AT_THE_START.sub(lambda found: f"{found[1]}{_escaped(found[2])}", escaped)


def _escaped(start: str) -> str:
    """`1.` is escaped behind its number, all else in front."""
    return f"{start[:-1]}\\{start[-1]}" if start[0].isdecimal() else f"\\{start}"


def _target(name: str) -> str:
    return re.sub(r"[<>\\]", lambda found: f"%{ord(found[0]):02X}", name.replace("%", "%25"))
