"""`workspace.write_text`: leave a text for the other tasks of the run."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.workspace import confined
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.decorator import tool


class WrittenFile(TypedDict):
    path: str
    bytes: int


@tool(name="workspace.write_text", effect="write", idempotency="idempotent")
def workspace_write_text(
    context: ToolContext,
    path: Annotated[str, Field(min_length=1, max_length=1_024, description="Like notes/summary.md.")],
    text: str,
) -> WrittenFile:
    """Write a text as UTF-8 into the run's workspace, in place of a file that is there; folders are made."""
    data = text.encode()
    confined.write(context.workspace, path, data)
    return WrittenFile(path=path, bytes=len(data))
