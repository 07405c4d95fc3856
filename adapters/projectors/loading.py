"""Projectors come from modules by dotted names, from Python files, and from installed packages (`awe.projections`).

Every class that is a complete projector and defined right there is made, without arguments; so is no other.
"""

import inspect
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from awe.adapters.projectors.errors import ProjectorLoadError
from awe.adapters.python_sources import Source, SourceUnusable, cannot_load, imported
from awe.projections.projector import Projector

GROUP: Final = "awe.projections"
_WHAT: Final = "projections"
_SAID: Final = ("name", "version", "events", "table")


def load(modules: Iterable[str] = (), files: Iterable[Path] = ()) -> Sequence[Projector]:
    """The projectors of these modules and files, and of installed packages that name modules in their entry points.

    Raises:
        ProjectorLoadError: one cannot be imported, or has no projector that is complete.
    """
    installed = [each.module for each in entry_points(group=GROUP)]
    named = [Source("module", name) for name in (*installed, *modules)]
    sources = dict.fromkeys((*named, *map(Source.file, files)))
    return [projector for source in sources for projector in _of(source)]


def _of(source: Source) -> Sequence[Projector]:
    try:
        module = imported(source, _WHAT)
    except SourceUnusable as error:
        raise ProjectorLoadError(str(error)) from error
    classes = [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, Projector) and each.__module__ == module.__name__
    ]
    made: list[Projector] = []
    for each in classes:
        if inspect.isabstract(each) or not all(hasattr(each, name) for name in _SAID):
            continue
        try:
            made.append(each())
        except Exception as error:
            raise ProjectorLoadError(cannot_load(_WHAT, source.place, error)) from error
    if not made:
        lacking = (
            f": {classes[0].__name__} lacks some of {', '.join((*_SAID, 'keys', 'apply'))}" if classes else ""
        )
        raise ProjectorLoadError(f"{source.place} has no projection{lacking}")
    return made
