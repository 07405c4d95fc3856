"""The run's own folder, which all its tasks share."""

from awe.adapters.tools.builtin.workspace.listing import workspace_list
from awe.adapters.tools.builtin.workspace.read_text import workspace_read_text
from awe.adapters.tools.builtin.workspace.write_text import workspace_write_text

__all__ = ["workspace_list", "workspace_read_text", "workspace_write_text"]
