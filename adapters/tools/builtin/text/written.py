"""A text as the output of a tool."""

from typing_extensions import TypedDict


class Written(TypedDict):
    text: str
