"""Where tools come from: every decorated function that a module or file has a name for."""

from awe.adapters.python_sources import Source, SourceUnusable, imported
from awe.adapters.tools.definition import Definition, definition_of
from awe.adapters.tools.errors import ToolLoadError


def load(source: Source) -> tuple[Definition, ...]:
    """The tools in a module or file; raises `ToolLoadError`."""
    try:
        module = imported(source, "tools")
    except SourceUnusable as error:
        raise ToolLoadError(str(error)) from error
    values = (definition_of(value) for value in vars(module).values())
    found = tuple({id(each): each for each in values if each is not None}.values())
    if not found:
        raise ToolLoadError(f"{source.place} has no tool; decorate a function with @tool")
    return found


__all__ = ["Source", "load"]
