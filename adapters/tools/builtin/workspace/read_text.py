"""`workspace.read_text`: what another task of the run left."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import bounded_text
from awe.adapters.tools.builtin.workspace import confined
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.decorator import tool


class ReadFile(TypedDict):
    path: str
    text: str
    bytes: int
    truncated: bool


@tool(name="workspace.read_text", effect="read")
def workspace_read_text(
    context: ToolContext,
    path: Annotated[str, Field(min_length=1, max_length=1_024)],
    max_bytes: Annotated[int, Field(ge=1, le=200_000)] = 65_536,
) -> ReadFile:
    """Read a text from the run's workspace, UTF-8 with what is none replaced; `bytes` is the size of the whole file."""
    data, size = confined.read(context.workspace, path, max_bytes)
    text, longer = bounded_text(data.decode(errors="replace"))
    return ReadFile(path=path, text=text, bytes=size, truncated=longer or size > len(data))
