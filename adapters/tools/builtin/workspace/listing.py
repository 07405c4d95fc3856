"""`workspace.list`: the files that the tasks of the run have left."""

from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.workspace import confined
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.decorator import tool


class WorkspaceFile(TypedDict):
    path: str
    bytes: int


class WorkspaceFiles(TypedDict):
    files: list[WorkspaceFile]
    truncated: bool


@tool(name="workspace.list", effect="read")
def workspace_list(context: ToolContext, limit: Limit = 1_000) -> WorkspaceFiles:
    """List the files of the run's workspace, folder by folder; links are passed over."""
    found = (WorkspaceFile(path=each.path, bytes=each.bytes) for each in confined.walk(context.workspace))
    files, truncated = bounded(found, limit)
    return WorkspaceFiles(files=files, truncated=truncated)
