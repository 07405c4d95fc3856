"""`text.count`: how long a text is."""

from typing_extensions import TypedDict

from awe.adapters.tools.decorator import tool


class TextCount(TypedDict):
    lines: int
    words: int
    characters: int


@tool(name="text.count", effect="read")
def text_count(text: str) -> TextCount:
    """Count lines (a last one needs no line end), words between white space, and characters (Unicode code points)."""
    ended = text.endswith("\n") or not text
    return TextCount(lines=text.count("\n") + (not ended), words=len(text.split()), characters=len(text))
