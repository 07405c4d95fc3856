"""`text.extract_json`: the JSON that somebody wrapped in prose or in a Markdown fence."""

import json
import re
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.decorator import tool

_FENCE: Final = re.compile(r"^[ \t]*```[ \t]*(?:json)?[ \t]*$", re.IGNORECASE | re.MULTILINE)
_START: Final = re.compile(r"[\[{]")
_MOST_STARTS: Final = 200


class Extracted(TypedDict):
    value: JsonValue


@tool(name="text.extract_json", effect="read")
def text_extract_json(text: str) -> Extracted:
    """Return the first JSON object or array in a text: behind a Markdown fence if one is there, else anywhere."""
    decoder = json.JSONDecoder(parse_constant=_no_number)
    for start in _starts(text):
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        return Extracted(value=value)
    raise refused("the text has no JSON object or array in it that can be read")


def _starts(text: str) -> Iterator[int]:
    """Places where JSON may begin: right behind fences first, then the first brackets."""
    for fence in _FENCE.finditer(text):
        if (start := _START.search(text, fence.end())) and text[fence.end() : start.start()].isspace():
            yield start.start()
    for number, start in enumerate(_START.finditer(text)):
        if number == _MOST_STARTS:
            return
        yield start.start()


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
