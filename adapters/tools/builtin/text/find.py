"""`text.find`: the lines of a text that a pattern matches."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters import patterns
from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.decorator import tool


class FoundLine(TypedDict):
    line: int
    text: str


class FoundLines(TypedDict):
    matches: list[FoundLine]
    truncated: bool


@tool(name="text.find", effect="read", timeout_s=60)
def text_find(
    text: str,
    pattern: Annotated[
        str,
        Field(
            min_length=1,
            max_length=patterns.MOST_CHARACTERS,
            description="A regular expression of RE2: no look-around, no back-references; `(?i)` ignores case.",
        ),
    ],
    limit: Limit = 100,
) -> FoundLines:
    """Find the lines in which the pattern matches somewhere, in time linear in the text, whatever the pattern."""
    if (fault := patterns.fault(pattern)) is not None:
        raise refused(f"pattern: {fault}")
    found = (
        FoundLine(line=number, text=line)
        for number, line in enumerate(text.split("\n"), 1)
        if patterns.search(pattern, line)
    )
    matches, truncated = bounded(found, limit)
    return FoundLines(matches=matches, truncated=truncated)
