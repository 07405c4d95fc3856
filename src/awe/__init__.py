"""The public face of AWE, the goal-driven agentic workflow engine: what a module of tools or projections needs.

Nothing is imported before it is asked for, so that `import awe` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from awe.adapters.tools.context import ArtifactRef, ToolContext
    from awe.adapters.tools.decorator import tool
    from awe.adapters.tools.errors import ToolError
    from awe.projections.projector import Key, Projector, Row, Table
    from awe.projections.views.entry import Entry

__all__ = ["ArtifactRef", "Entry", "Key", "Projector", "Row", "Table", "ToolContext", "ToolError", "tool"]

_HOMES = {
    "ArtifactRef": "awe.adapters.tools.context",
    "Entry": "awe.projections.views.entry",
    "Key": "awe.projections.projector",
    "Projector": "awe.projections.projector",
    "Row": "awe.projections.projector",
    "Table": "awe.projections.projector",
    "ToolContext": "awe.adapters.tools.context",
    "ToolError": "awe.adapters.tools.errors",
    "tool": "awe.adapters.tools.decorator",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'awe' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
