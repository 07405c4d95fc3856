"""Projections by the names that people give their sources: modules by dotted names, files by a path that ends with `.py`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from awe.adapters.projectors.errors import ProjectorLoadError
from awe.adapters.projectors.loading import load
from awe.projections.projector import Projector
from awe.projections.read_models import BUILT_IN

_PYTHON: Final = ".py"


def load_projectors(names: Iterable[str] = ()) -> Sequence[Projector]:
    """The built-in projections, those of installed packages, and those named.

    Raises:
        ProjectorLoadError: some cannot be loaded, or two have one name.
    """
    named = tuple(names)
    modules = [name for name in named if not name.endswith(_PYTHON)]
    files = [Path(name).expanduser() for name in named if name.endswith(_PYTHON)]
    found = {each.name: each for each in BUILT_IN}
    for each in load(modules, files):
        if each.name in found:
            raise ProjectorLoadError(
                f"the name {each.name!r} of {type(each).__qualname__} is taken by another projection: choose another"
            )
        found[each.name] = each
    return tuple(found.values())
