"""Tools by the names that people give their sources: modules by dotted names, files by a path that ends with `.py`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from awe.adapters.tools.builtin import MODULES
from awe.adapters.tools.registry import Registry, queue_of
from awe.commands.offers import DEFAULT_QUEUE

_PYTHON: Final = ".py"


def load_tools(names: Iterable[str]) -> Registry:
    """The built-in tools, those of installed packages, and those named; raises `ToolLoadError`."""
    named = tuple(dict.fromkeys(names))
    modules = [name for name in named if not name.endswith(_PYTHON)]
    return Registry.load([*MODULES, *modules], _files(named), entry_points=True)


def queues_of(names: Iterable[str]) -> tuple[str, ...]:
    """The task queues of whoever has these tools: the default one, and one for each file; raises `ToolLoadError`."""
    return tuple(dict.fromkeys((DEFAULT_QUEUE, *map(queue_of_file, _files(names)))))


def queue_of_file(path: Path) -> str:
    """The task queue of a goal with these tools of its own; raises `ToolLoadError`."""
    return queue_of(each.definition.contract for each in Registry.load(files=[path]).tools.values())


def _files(names: Iterable[str]) -> list[Path]:
    return [Path(name).expanduser() for name in names if name.endswith(_PYTHON)]
