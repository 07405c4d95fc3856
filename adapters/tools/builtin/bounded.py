"""A list that a tool returns is cut by number and by size, so that no output ever meets its cap by surprise."""

from collections.abc import Iterable
from typing import Annotated, Final, TypeVar

from pydantic import Field
from pydantic_core import to_json

Item = TypeVar("Item")

BYTES: Final = 200_000
"""Of the 262,144 bytes that an output may have, what lists may fill."""

Limit = Annotated[int, Field(ge=1, le=10_000, description="The most items to return.")]


def bounded(items: Iterable[Item], limit: int, size: int = BYTES) -> tuple[list[Item], bool]:
    """The first items, as many as the limit and the size in JSON allow, and whether there were more.

    Of an iterator no more is taken than one item beyond those.
    """
    taken: list[Item] = []
    for item in items:
        size -= len(to_json(item, inf_nan_mode="constants")) + 1
        if len(taken) == limit or size < 0:
            return taken, True
        taken.append(item)
    return taken, False


def bounded_text(text: str, size: int = BYTES) -> tuple[str, bool]:
    """The beginning of a text, as much of it as fits the size in JSON, and whether there was more."""
    kept = text
    while (needed := len(to_json(kept))) > size:
        kept = kept[: len(kept) * size // needed - 1]
    return kept, len(kept) < len(text)
